/**
 * Why an object or a message can never be processed as it is. A closed list, because logs and dead-letter queues group
 * by it.
 */
export type PermanentReason =
  | 'no-header'
  | 'duplicate-column'
  | 'corrupt-gzip'
  | 'too-large'
  | 'wrong-format-setting'
  | 'not-a-notification'
  | 'gone'
  | 'replaced'
  | 'archived'
  | 'not-a-partition'
  | 'not-a-finding';

/**
 * An object or a message that no retry will make readable. The message says what is wrong and what to do about it, and is shown to
 * people as it is. Every other error is taken to be retryable.
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
