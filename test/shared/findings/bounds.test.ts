/** Memory, time and the size of the findings are bounded whatever is in an object. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type Format, headerOf } from '../../../shared/flow-log/format.ts';
import { borrowLineLoop } from '../../../shared/line-loop/line-loop.ts';
import { formatOf, observeLines, startObserving } from './observe-text.ts';

const FORMAT = formatOf('interface-id srcaddr dstaddr srcport dstport protocol start end action log-status');

function ipv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

function* lines(count: number, line: (index: number) => string): Generator<string> {
  for (let index = 0; index < count; index++) yield line(index);
}

/** What is found in many lines. */
function observeMany(format: Format, count: number, line: (index: number) => string) {
  return observeLines(format, lines(count, line));
}

describe('an object with very many', () => {
  test('different sources, destinations, ports and interfaces at once', () => {
    const { findings, counts } = observeMany(FORMAT, 60_000, (i) => {
      const source = ipv4(Math.imul(i, 0x9e3779b1) >>> 0);
      const action = i % 3 === 0 ? 'ACCEPT' : 'REJECT';
      return `eni-${i} ${source} ${ipv4(i)} ${i % 65536} ${(i * 7) % 65536} ${i % 300} ${i} ${i + 60} ${action} OK`;
    });
    expect(counts.rejected).toBe(40_000);
    expect(findings.reduce((flows, finding) => flows + finding.flows, 0)).toBe(40_000);
    // 512 about one interface each, the others together by path.
    expect(findings.filter(({ resource_id }) => resource_id !== undefined)).toHaveLength(512);
    const together = findings.filter(({ resource_id }) => resource_id === undefined);
    expect(together.length).toBeLessThanOrEqual(6);
    expect(together.map(({ resources }) => resources)).toContain('64+');
    expect(JSON.stringify(findings).length).toBeLessThan(5e6);
  });

  test('sources: the one that tries all ports is still found among them', () => {
    const { findings } = observeMany(FORMAT, 50_000, (i) =>
      i % 10 === 0
        ? `eni-1 198.51.100.1 10.0.0.1 54321 ${(i / 10) % 65536} 6 0 60 REJECT OK`
        : `eni-1 ${ipv4(Math.imul(i, 0x9e3779b1) >>> 0)} 10.0.0.1 40000 23 6 0 60 REJECT OK`,
    );
    const scanner = findings.flatMap(({ top_sources = [] }) => top_sources)[0];
    expect(scanner).toMatchObject({ address: '198.51.100.1', server_ports: '64+', destinations: '1' });
    expect(scanner?.flows).toBeGreaterThanOrEqual(5_000);
    expect(findings[0]?.top_server_ports?.[0]).toMatchObject({ port: 23, clients: '64+' });
  });

  test('accepted ports: the first ones are counted to the end, further ones are not', () => {
    const flow = (eni: string, port: number, action: string) =>
      `${eni} 203.0.113.1 10.0.0.1 0 ${port} 6 0 60 ${action} OK`;
    const last = [
      flow('eni-1', 1, 'ACCEPT'),
      flow('eni-1', 2, 'ACCEPT'),
      flow('eni-1', 1, 'REJECT'),
      flow('eni-1', 2, 'REJECT'),
    ];
    const { findings } = observeMany(FORMAT, 60_004, (i) =>
      i === 0 ? flow('eni-1', 1, 'ACCEPT') : (last[i - 60_000] ?? flow('eni-2', i, 'ACCEPT')),
    );
    expect(findings[0]?.top_server_ports).toMatchObject([
      { port: 1, accepted_flows: 2 },
      { port: 2, accepted_flows: 0 },
    ]);
  });

  test('SKIPDATA records of different interfaces', () => {
    const { findings, counts } = observeMany(FORMAT, 40_000, (i) => `eni-${i} - - - - - 0 60 - SKIPDATA`);
    expect(counts.skipdata).toBe(40_000);
    expect(findings).toHaveLength(513);
    expect(findings[0]).toMatchObject({
      resources: '64+',
      flows: 40_000 - 512,
      skipped_seconds: (40_000 - 512) * 60,
    });
  });

  test('lost packets of different attachments', () => {
    const format = formatOf('tgw-attachment-id srcaddr dstaddr packets-lost-no-route packets-lost-blackhole');
    const { findings } = observeMany(
      format,
      5000,
      (i) => `tgw-attach-${i} 10.0.0.1 10.80.0.${i % 250} 1 ${i % 2}`,
    );
    expect(findings.length).toBeLessThanOrEqual(514);
    expect(findings.reduce((packets, finding) => packets + (finding.packets ?? 0), 0)).toBe(7500);
  });

  test('rejected flows: evidence that came with the first is not lost until the last', () => {
    const { findings } = observeMany(FORMAT, 30_000, (i) => {
      if (i === 0) return 'eni-1 203.0.113.1 10.0.0.1 0 0 1 0 60 ACCEPT OK';
      if (i === 29_999) return 'eni-1 10.0.0.1 203.0.113.1 0 0 1 0 60 REJECT OK';
      return `eni-2 203.0.113.${i % 200} 10.0.0.9 40000 23 6 0 60 REJECT OK`;
    });
    expect(findings.find(({ resource_id }) => resource_id === 'eni-1')).toMatchObject({ refused_replies: 1 });
  });
});

test('memory stays bounded: what an object of different everything leaves behind before its end', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const usedMegabytes = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1e6;
  };
  const before = usedMegabytes();
  const loop = borrowLineLoop();
  const observed = startObserving(loop);
  observed.push(headerOf(FORMAT));
  for (let i = 0; i < 100_000; i++) {
    // 40 interfaces that meet ever new addresses on ever new ports, and ever new interfaces.
    const eni = i % 2 === 0 ? `eni-${i % 80}` : `eni-x${i}`;
    const line = `${eni} ${ipv4(Math.imul(i, 0x9e3779b1) >>> 0)} ${ipv4(i)} ${i % 65536} ${(i * 7) % 65536} 6 0 60 REJECT OK`;
    observed.push(line);
  }
  expect(usedMegabytes() - before).toBeLessThan(50);
  expect(observed.end().findings.length).toBeGreaterThan(0);
  loop.release();
});
