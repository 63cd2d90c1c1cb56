/**
 * Why an object or a message can never be processed as it is, and what that means. A closed list, because logs and
 * dead-letter queues group by it; the table in docs/deploy.md is tested against it.
 */
export const PERMANENT_REASONS = {
  'no-header': 'The object has no header line, and its columns are not configured (`headerlessFormat`).',
  'duplicate-column': 'A header names a column twice.',
  'corrupt-gzip': 'The object is damaged or cut off.',
  'too-large': 'The object inflates to more than is allowed.',
  'wrong-format-setting': 'The columns that are configured for objects without a header are wrong.',
  'not-a-notification': 'The message announces no object.',
  gone: 'The object was deleted before it was read.',
  replaced: 'The object was overwritten before it was read; the new content has a message of its own.',
  archived: 'The object is in Glacier and has to be restored first.',
  'not-a-partition': 'An object in a record folder of the lake was not written by ingest.',
  'not-a-finding': 'An object in the findings folder of the lake was not written by ingest.',
  'not-a-receipt': 'An object in the receipts folder of the lake was not written by ingest.',
  'refused-alert': 'SNS will never take one of the alerts; the others were published.',
} as const;

export type PermanentReason = keyof typeof PERMANENT_REASONS;

/**
 * An object or a message that no retry will make readable. The error's message says what is wrong and what to do about
 * it, and is shown to people as it is. Every other error is taken to be retryable.
 */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly reason: PermanentReason;

  constructor(reason: PermanentReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A value made fit for a message: control characters replaced, cut to 60 characters. */
export function excerpt(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: replacing them is the purpose
  const visible = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
  return visible.length > 60 ? `${visible.slice(0, 60)}…` : visible;
}
