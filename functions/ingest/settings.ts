import { tmpdir } from 'node:os';
import type { Config } from '../../shared/config.ts';
import { DEFAULT_BUDGET, DEFAULT_MAX_INFLATED_BYTES, type IngestSettings } from '../../shared/lake/ingest.ts';
import { VERSION } from '../../shared/version.ts';

/** How the core reads and writes objects, as the function is configured. */
export function ingestSettings(config: Config<'ingest'>): IngestSettings {
  return {
    ...DEFAULT_BUDGET,
    tempFolder: tmpdir(),
    compression: config.OUTPUT_COMPRESSION,
    headerlessFormat: config.FLOW_LOG_FORMAT,
    maxInflatedBytes: config.MAX_INFLATED_BYTES ?? DEFAULT_MAX_INFLATED_BYTES,
    build: VERSION,
  };
}
