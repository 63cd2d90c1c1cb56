import { readFile } from 'node:fs/promises';
import type { ObjectStore } from '../../../shared/lake/object-store.ts';

/** An object store in memory that keeps what it was given and can be made to fail. */
export interface MemoryStore extends ObjectStore {
  readonly objects: Map<string, Buffer>;
  /** Called before each `create`; what it throws is thrown. */
  beforeCreate: (key: string) => void;
}

export function memoryStore(): MemoryStore {
  const objects = new Map<string, Buffer>();
  const store: MemoryStore = {
    objects,
    beforeCreate: () => {},
    async get(key) {
      const content = objects.get(key);
      return content === undefined
        ? undefined
        : (async function* () {
            yield content;
          })();
    },
    async head(key) {
      const content = objects.get(key);
      return content === undefined ? undefined : { size: content.length };
    },
    async create(key, body) {
      store.beforeCreate(key);
      const content = 'file' in body ? await readFile(body.file) : Buffer.concat(body.chunks);
      if (content.length !== body.size)
        throw new Error(`${key}: ${content.length} bytes instead of ${body.size}`);
      if (objects.has(key)) return 'exists';
      objects.set(key, content);
      return 'created';
    },
    async *list(prefix) {
      for (const key of objects.keys()) if (key.startsWith(prefix)) yield key;
    },
  };
  return store;
}
