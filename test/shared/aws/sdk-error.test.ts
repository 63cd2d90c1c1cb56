import { expect, test } from 'vitest';
import { isRefused, sdkError } from '../../../shared/aws/sdk-error.ts';

const PERMISSION = 'Attach the policy.';

/** An error as the SDK throws it for an answer of a service. */
const answered = (name: string, message: string) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

test.each([
  [
    'a refusal',
    answered('AccessDeniedException', 'User x is not authorized to perform sqs:ReceiveMessage'),
    /Attach the policy\.$/,
  ],
  [
    'what EC2 calls a refusal',
    answered('UnauthorizedOperation', 'You are not authorized'),
    /Attach the policy\.$/,
  ],
  [
    'an expired session',
    answered('ExpiredTokenException', 'The security token is expired'),
    /Sign in to AWS first/,
  ],
  ['no network', new Error('getaddrinfo ENOTFOUND sqs.eu-west-9.amazonaws.com'), /could not be reached/],
  ['something else', answered('InternalFailure', 'Oops.'), /InternalFailure: Oops\. Try again/],
])('%s is told with what to do', (_, error, message) => {
  expect((sdkError(error, PERMISSION) as Error).message).toMatch(message);
});

test('an error of our own says it itself', () => {
  const error = new Error('The object is archived. Restore it.');
  expect(sdkError(error, PERMISSION)).toBe(error);
});

test('a missing thing is no refusal', () => {
  expect(isRefused(answered('NoSuchBucket', 'The bucket does not exist'))).toBe(false);
  expect(isRefused(answered('AccessDenied', 'Access Denied'))).toBe(true);
});
