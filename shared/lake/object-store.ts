/** Content that is ready to be stored: in memory, or in a temporary file if it was too large for that. */
export type ObjectBody =
  | { readonly size: number; readonly chunks: readonly Uint8Array[] }
  | { readonly size: number; readonly file: string };

/**
 * Where objects live: S3, or a folder. It can only add: nothing that is in the lake is ever replaced, so a running
 * query never sees a file change under it.
 */
export interface ObjectStore {
  /** The object's bytes, or undefined if there is none. */
  get(key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The object's size in bytes, or undefined if there is none. */
  head(key: string): Promise<{ readonly size: number } | undefined>;
  /**
   * Stores a new object, whole or not at all. `exists`: there is one of this key already, and it stays as it is.
   * `unsure`: there is one, and it may be this call's own work, the answer to which was lost.
   */
  create(key: string, body: ObjectBody): Promise<'created' | 'exists' | 'unsure'>;
  /** The keys that start with a prefix, in no particular order. */
  list(prefix: string): AsyncIterable<string>;
}
