/**
 * This project: from the gzip file to a lake folder, with all checks, findings and the receipt. The identity is given, as
 * S3 gives an ETag; only on a laptop a SHA-256 has to stand for it.
 */
import { stat } from 'node:fs/promises';
import { folderStore } from '../../local/folder-store.ts';
import { fileSource } from '../../local/source-files.ts';
import { openTempFolder } from '../../local/temp-folder.ts';
import { DEFAULT_BUDGET, DEFAULT_MAX_INFLATED_BYTES, ingestObject } from '../../shared/lake/ingest.ts';
import { type Contender, contend } from './contend.ts';

export const flowlogs: Contender = {
  async work({ input, output }) {
    const temporary = openTempFolder(output);
    const { size } = await stat(input);
    const source = { ...fileSource(input, size), etag: 'given', lastModified: Date.now() / 1000 };
    await ingestObject(source, folderStore(output, temporary.path), {
      ...DEFAULT_BUDGET,
      maxInflatedBytes: DEFAULT_MAX_INFLATED_BYTES,
      compression: 'zstd',
      headerlessFormat: undefined,
      build: 'bench',
      tempFolder: temporary.path,
    });
    temporary.remove();
  },
};

if (import.meta.main) await contend(flowlogs);
