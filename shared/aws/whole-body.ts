/** The connection broke while an object was read. Reading it again from its beginning may help. */
export class BrokenReadError extends Error {
  override readonly name = 'BrokenReadError';
}

/**
 * The body of an answer, which is refused if it ends too early: what is missing at its end would else look as if it had
 * never been there.
 *
 * @param length of the body as S3 tells it, bytes.
 * @param source for the error's message.
 * @throws BrokenReadError, also in place of what the connection throws.
 */
export async function* wholeBody(
  body: AsyncIterable<Uint8Array>,
  length: number | undefined,
  source: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw new BrokenReadError(`Reading ${source} broke after ${bytes} of ${length} bytes.`, { cause: error });
  }
  if (length !== undefined && bytes !== length) {
    throw new BrokenReadError(`Reading ${source} ended after ${bytes} of ${length} bytes.`);
  }
}
