import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectId, objectKey } from '../../../shared/lake/layout.ts';
import { recordsKey } from '../../../shared/lake/partition.ts';

const SOURCE = { bucket: 'raw', key: 'AWSLogs/1/x_y z.log.gz', etag: 'abc' };

test('names of objects are readable, and stay what they are', () => {
  const id = objectId(SOURCE);
  // Pinned: another name for the same source would write its records a second time.
  expect(id).toBe('x-y-z-00716d284e928c400a9c38de828841c4');
  expect(
    recordsKey('vpc', { accountId: '123456789012', region: 'eu-west-1', hour: 498_557 }, 'x', 'zstd'),
  ).toBe('flow_logs/aws_account_id=123456789012/aws_region=eu-west-1/day=2026-11-16/hour=05/x.json.zst');
  expect(
    recordsKey('transit-gateway', { accountId: 'unknown', region: 'unknown', hour: 0 }, 'x', 'gzip'),
  ).toBe(
    'transit_gateway_flow_logs/aws_account_id=unknown/aws_region=unknown/day=1970-01-01/hour=00/x.json.gz',
  );
  expect(objectKey('receipts', 1_794_000_000, 'x')).toBe('receipts/day=2026-11-06/x.json');
});

test('any part of the identity makes another object of it', () => {
  const ids = [
    SOURCE,
    { ...SOURCE, bucket: 'raw2' },
    { ...SOURCE, key: 'AWSLogs/2/x_y z.log.gz' },
    { ...SOURCE, etag: 'abd' },
    { bucket: 'ra', key: `w${SOURCE.key}`, etag: 'abc' },
  ].map(objectId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('no key can give a name that leaves its folder, is hidden or is too long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (key) => {
      expect(objectId({ bucket: 'b', key, etag: 'e' })).toMatch(/^[A-Za-z0-9-]{1,80}-[0-9a-f]{32}$/);
    }),
  );
});
