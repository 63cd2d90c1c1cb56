/** AWS as commands reach it: where it is, and how they let go of it. */

/** The options `--profile` and `--region`, as in the AWS CLI. */
export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
}

/** The settings of an SDK client that the options mean. */
export function awsPlace({ profile, region: named }: AwsOptions): {
  readonly profile?: string;
  readonly region?: string;
} {
  // The AWS CLI knows AWS_DEFAULT_REGION, the SDK does not. Without any of these the profile's Region is taken.
  const region = named ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  return { ...(profile === undefined ? {} : { profile }), ...(region === undefined ? {} : { region }) };
}

/** A signal that aborts on Ctrl-C, once: whoever presses it again does not want to wait for AWS. To be ended. */
export function untilInterrupted(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    end() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
