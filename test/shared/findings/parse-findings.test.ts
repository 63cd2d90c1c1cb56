import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { parseFindings } from '../../../shared/findings/parse-findings.ts';
import { destination, finding, port, source } from './finding-parts.ts';

const parse = (...rows: readonly object[]) =>
  Array.fromAsync(parseFindings(Readable.from(rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`)))));

test('a finding is read as it is, with keys that are not known yet', async () => {
  const full = {
    ...finding({
      reject_reasons: [{ reason: 'BPA', flows: 1 }],
      top_sources: [source()],
      top_destinations: [destination('10.0.0.1')],
      top_server_ports: [port()],
    }),
    of_the_future: [1],
  };
  expect(await parse(finding(), full)).toEqual([finding(), full]);
});

test.each<[string, object]>([
  ['a kind that nobody knows', { kind: 'OTHER' }],
  ['no flows', { flows: undefined }],
  ['flows in words', { flows: '100' }],
  ['a source without an address', { top_sources: [{ ...source(), address: undefined }] }],
  ['a source without counts', { top_sources: [{ ...source(), server_ports: undefined }] }],
  ['a service without counts', { top_server_ports: [{ ...port(), clients: undefined }] }],
  ['a destination without flows', { top_destinations: [{ address: '10.0.0.1' }] }],
  ['a list that is none', { reject_reasons: 'BPA' }],
])('%s is no finding', async (_, broken) => {
  await expect(parse(finding(), { ...finding(), ...broken })).rejects.toMatchObject({
    reason: 'not-a-finding',
    message: expect.stringContaining('Line 2'),
  });
});
