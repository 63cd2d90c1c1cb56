import type { AthenaClient } from '@aws-sdk/client-athena';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { GlueClient } from '@aws-sdk/client-glue';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { isRefused } from '../../shared/aws/sdk-error.ts';
import type { DeployedStack } from '../stack.ts';

/**
 * What was found about one thing. `warn`: worth a look, or it could not be looked at; `fail`: it does not work like this.
 */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found, and what it means. */
  readonly found: string;
  /** What to do. Nothing if all is well. */
  readonly todo?: string;
}

export interface Clients {
  readonly athena: AthenaClient;
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly eventBridge: EventBridgeClient;
  readonly glue: GlueClient;
  /** Keys are of a Region, their own one or the stack's. */
  readonly kmsIn: (region: string | undefined) => KMSClient;
  /** Follows a bucket to its Region. */
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** What is examined, and how to get at it. */
export interface Patient {
  readonly stack: DeployedStack;
  /** The stack's resources: physical ids by logical ids. */
  readonly resources: ReadonlyMap<string, string>;
  readonly aws: Clients;
  readonly signal: AbortSignal;
  /** Unix seconds. */
  readonly now: number;
}

/** A thing to look at. It answers with what it found; what it throws is a finding as well. */
export interface Examination {
  readonly name: string;
  readonly look: (patient: Patient) => Promise<readonly Finding[]>;
}

export type Finding = Omit<Check, 'name'> & { readonly of?: string };

export const ok = (found: string): Finding => ({ status: 'ok', found });
export const warn = (found: string, todo: string): Finding => ({ status: 'warn', found, todo });
export const fail = (found: string, todo: string): Finding => ({ status: 'fail', found, todo });

/** How AWS's services call what they have not: NoSuchBucketPolicy, QueueDoesNotExist, ResourceNotFoundException. */
const IS_MISSING = /NoSuch|DoesNotExist|NonExistent|NotFound/;

/** Looks at one thing. That it can't be looked at is no failure of the pipeline's. */
export async function examine({ name, look }: Examination, patient: Patient): Promise<readonly Check[]> {
  try {
    const findings = await look(patient);
    return findings.map(({ of, ...finding }) => ({
      name: of === undefined ? name : `${name} ${of}`,
      ...finding,
    }));
  } catch (error) {
    patient.signal.throwIfAborted();
    const { name: code, message } = error as Error;
    if (IS_MISSING.test(code)) return [{ name, ...fail(`It is not there: ${message}`, DEPLOY_AGAIN) }];
    return [
      {
        name,
        ...warn(
          `It could not be looked at: ${code}: ${message}`,
          isRefused(error)
            ? 'Ask someone who may: the rights to deploy suffice. What is in another account, ask its owner about.'
            : 'Try again; if that goes on, look at it in the console.',
        ),
      },
    ];
  }
}

/** What to do about a part of the stack that is not as it was deployed. */
export const DEPLOY_AGAIN =
  'Somebody changed it, or an older release deployed it. Deploy again; if CloudFormation sees nothing to change, look at ' +
  'the drift of the stack: aws cloudformation detect-stack-drift.';
