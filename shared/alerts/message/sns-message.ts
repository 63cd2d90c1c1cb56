import type { AlertMessage } from '../alert-message.ts';

/**
 * The message for `Publish` with `MessageStructure: json`: each protocol gets its own text, and those that are not named the
 * default one. A phone gets the subject, which is one text message; SNS takes at most 1,600 characters for it. Source:
 * "Publish" (Amazon SNS API Reference).
 */
export function snsMessage({ subject, text, json }: AlertMessage): string {
  return JSON.stringify({
    ...{ default: text, email: text, sms: subject },
    ...{ sqs: json, lambda: json, http: json, https: json },
  });
}
