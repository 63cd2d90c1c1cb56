/** The deployed stack that a command works on: its options, and the clients to reach it. */

import { type Command, Option } from 'commander';
import { QueryError } from '../athena/query-error.ts';
import type { DeployedStack } from '../operate/stack.ts';
import type { CLIENT_SETTINGS } from '../shared/aws/clients.ts';
import { type AwsOptions, awsPlace, untilInterrupted } from './aws.ts';

/** The options that `addStackOptions` adds. */
export interface StackOptions extends AwsOptions {
  readonly stage?: string;
}

/** Adds the options that say which stack is meant. @param flag its name, where `--stage` is something else */
export function addStackOptions(command: Command, flag: '--stage' | '--stack' = '--stage'): Command {
  return command
    .addOption(new Option(`${flag} <name>`, 'stage of the deployed stack').env('FLOWLOGS_STAGE'))
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--region <name>', 'AWS Region of the stack');
}

/** A stack that was found, and how to reach AWS. */
export interface OpenStack {
  readonly stack: DeployedStack;
  /** For every SDK client. */
  readonly settings: typeof CLIENT_SETTINGS & ReturnType<typeof awsPlace>;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

const PERMISSION =
  'Whoever runs the pipeline needs the policy OperatorPolicyArn of the outputs of the stack; "flowlogs doctor" looks at ' +
  'more, for which the rights to deploy suffice.';

/**
 * Finds the stack and works on it.
 *
 * @throws QueryError if nothing says which stack is meant; otherwise Errors that say what to do.
 */
export async function withStack<T>(options: StackOptions, work: (open: OpenStack) => Promise<T>): Promise<T> {
  const { stage } = options;
  if (stage === undefined) {
    throw new QueryError('Which stack? Name the stage that was deployed, or set FLOWLOGS_STAGE.');
  }
  // The SDK takes a while to load; help and wrong usage should not wait for it.
  const [{ CloudFormationClient }, { findStack }, { CLIENT_SETTINGS }, { sdkError }] = await Promise.all([
    import('@aws-sdk/client-cloudformation'),
    import('../operate/stack.ts'),
    import('../shared/aws/clients.ts'),
    import('../shared/aws/sdk-error.ts'),
  ]);
  const settings = { ...CLIENT_SETTINGS, ...awsPlace(options) };
  const interruption = untilInterrupted();
  const { signal } = interruption;
  try {
    const stack = await findStack(new CloudFormationClient(settings), stage);
    return await work({ stack, settings, signal });
  } catch (error) {
    throw signal.aborted
      ? new Error('Interrupted. What is done stays done.', { cause: error })
      : sdkError(error, PERMISSION);
  } finally {
    interruption.end();
  }
}
