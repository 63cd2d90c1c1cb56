/** What people can do about errors that look the same whichever service of AWS was asked. The first that matches counts. */
export const ADVICE_OF_ALL_SERVICES: readonly { readonly looksLike: RegExp; readonly advice: string }[] = [
  {
    looksLike: /Region is missing/i,
    advice: 'Say in which Region the stack is: add --region NAME, or set AWS_REGION.',
  },
  {
    looksLike:
      /CredentialsProviderError|TokenProviderError|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|Could not load credentials|security token/i,
    advice:
      'Sign in to AWS first (such as "aws sso login"), or choose another profile with --profile or AWS_PROFILE.',
  },
  {
    looksLike: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|TimeoutError/,
    advice: 'AWS could not be reached. Look at the network, and at the name of the Region (--region).',
  },
];

const MAY_NOT =
  /access ?denied|method ?not ?allowed|not authorized|unauthorized ?operation|authorization ?error|forbidden/i;

/** Whether AWS says that the caller may not do what was asked. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && MAY_NOT.test(`${error.name}: ${error.message}`);
}

/**
 * What AWS's refusal or silence means for people: the SDK's words, and what to do.
 *
 * @param permission what to do if the caller lacks a permission
 * @returns errors that don't come from the SDK as they are: they say it themselves.
 */
export function sdkError(error: unknown, permission: string): unknown {
  if (!(error instanceof Error) || !isFromSdk(error)) return error;
  const text = `${error.name}: ${error.message}`;
  const advice =
    ADVICE_OF_ALL_SERVICES.find(({ looksLike }) => looksLike.test(text))?.advice ??
    (isRefused(error) ? permission : 'Try again; if that goes on, look at what AWS says.');
  return new Error(`AWS did not do it: ${text.trim().replace(/\.$/, '')}. ${advice}`, { cause: error });
}

/** The SDK's errors carry what is known of the request, or are named for its credentials and connections. */
function isFromSdk(error: Error): boolean {
  return (
    '$metadata' in error ||
    ADVICE_OF_ALL_SERVICES.some(({ looksLike }) => looksLike.test(`${error.name}: ${error.message}`))
  );
}
