import { type GenerateOptions, generateFlowLogs } from '../../../generator/generate.ts';
import { type MergedFinding, mergeInto } from '../../../shared/findings/merge.ts';
import { ingestObject } from '../../../shared/lake/ingest.ts';
import { SETTINGS, sourceOf } from '../lake/ingest-text.ts';
import { memoryStore } from '../lake/memory-store.ts';

/** The findings of generated logs, those of all objects added up. */
export async function findingsOfGenerated(options: GenerateOptions): Promise<MergedFinding[]> {
  const merged = new Map<string, MergedFinding>();
  const lake = memoryStore();
  for (const { key, text } of generateFlowLogs(options)) {
    const result = await ingestObject(sourceOf(Buffer.concat(text), { key }), lake, SETTINGS);
    if (result.outcome === 'ingested') for (const finding of result.findings) mergeInto(merged, finding);
  }
  return [...merged.values()];
}
