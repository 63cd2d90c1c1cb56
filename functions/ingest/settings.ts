import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../shared/config.ts';
import { DEFAULT_BUDGET, DEFAULT_MAX_INFLATED_BYTES, type IngestSettings } from '../../shared/lake/ingest.ts';
import { VERSION } from '../../shared/version.ts';

/** How the core reads and writes objects, as the function is configured. To be called once, when the function starts. */
export function ingestSettings(config: Config<'ingest'>): IngestSettings {
  return {
    ...DEFAULT_BUDGET,
    tempFolder: emptyTempFolder(),
    compression: config.OUTPUT_COMPRESSION,
    headerlessFormat: config.FLOW_LOG_FORMAT,
    maxInflatedBytes: config.MAX_INFLATED_BYTES ?? DEFAULT_MAX_INFLATED_BYTES,
    networks: { inside: config.INSIDE_RANGES, onPremises: config.ON_PREMISES_RANGES },
    build: VERSION,
  };
}

/** After a crash Lambda starts the function again and leaves in /tmp what was there, until it is full. */
function emptyTempFolder(): string {
  const folder = join(tmpdir(), 'flowlogs-ingest');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}
