import type { AlertMessage } from '../alert-message.ts';

/**
 * The message for `Publish` with `MessageStructure: json`: each protocol gets its own text, and those that are not named the
 * default one. Source: "Publish" (Amazon SNS API Reference).
 */
export function snsMessage({ text, json }: AlertMessage): string {
  return JSON.stringify({ default: text, email: text, sqs: json, lambda: json, http: json, https: json });
}
