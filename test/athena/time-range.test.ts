import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTimeRange, timeRangePredicate } from '../../athena/time-range.ts';

const NOON = Date.UTC(2026, 10, 20, 12) / 1000;

describe('what --since and --until accept', () => {
  test.each([
    ['90s', NOON - 90],
    ['30m', NOON - 1800],
    ['2h', NOON - 7200],
    ['3d', NOON - 259_200],
    ['1w', NOON - 604_800],
    ['now', NOON],
    ['2026-11-20', Date.UTC(2026, 10, 20) / 1000],
    ['2026-11-20T05', Date.UTC(2026, 10, 20, 5) / 1000],
    ['2026-11-20T05:30', Date.UTC(2026, 10, 20, 5, 30) / 1000],
    ['2026-11-20 05:30:15', Date.UTC(2026, 10, 20, 5, 30, 15) / 1000],
    ['2026-11-20T05:30:00Z', Date.UTC(2026, 10, 20, 5, 30) / 1000],
    ['2026-11-20T05:30:00+02:00', Date.UTC(2026, 10, 20, 3, 30) / 1000],
  ])('%s', (text, since) => {
    expect(parseTimeRange({ since: text }, NOON)).toEqual({ since, until: undefined });
  });

  test.each([
    '',
    'yesterday',
    '2',
    '2x',
    '-2h',
    '2026-02-30',
    '2026-13-01',
    '2026-11-20T25:00',
    '20261120',
    "2h' OR '1",
  ])('not "%s", and the message says what instead', (text) => {
    expect(() => parseTimeRange({ until: text }, NOON)).toThrow(
      /^--until ".*" is no time\. It takes an age \("90s"/,
    );
  });

  test('not an empty range', () => {
    expect(() => parseTimeRange({ since: '2h', until: '3h' }, NOON)).toThrow(
      '--since 2h is not before --until 3h',
    );
    expect(() => parseTimeRange({ since: '2h', until: '2h' }, NOON)).toThrow('not before');
  });
});

describe('the predicate', () => {
  test('of no range lets everything pass', () => {
    expect(timeRangePredicate({})).toBe('true');
  });

  test('covers day and hour together, ten minutes more on both sides, and start exactly', () => {
    const midnight = Date.UTC(2026, 10, 21) / 1000;
    expect(timeRangePredicate({ since: midnight - 3000, until: midnight + 3001 })).toBe(
      "(day >= '2026-11-20' AND concat(day, hour) >= '2026-11-2023' " +
        `AND (start >= ${midnight - 3000} OR start IS NULL) ` +
        "AND day <= '2026-11-21' AND concat(day, hour) <= '2026-11-2101' " +
        `AND (start < ${midnight + 3001} OR start IS NULL))`,
    );
  });

  describe('on a database', () => {
    let instance: DuckDBInstance;
    beforeAll(async () => {
      instance = await DuckDBInstance.create(':memory:');
    });
    afterAll(() => instance.closeSync());

    test('keeps exactly the records of the range, whatever partition they are in', async () => {
      const connection = await instance.connect();
      const second = fc.integer({ min: NOON - 200_000, max: NOON + 200_000 });
      const open = fc.option(second, { nil: undefined });
      await fc.assert(
        fc.asyncProperty(
          open,
          open,
          fc.array(second, { minLength: 1, maxLength: 20 }),
          async (since, until, starts) => {
            const rows = starts.map((start) => {
              const iso = new Date(start * 1000).toISOString();
              return `('${iso.slice(0, 10)}', '${iso.slice(11, 13)}', ${start})`;
            });
            const reader = await connection.runAndReadAll(
              `SELECT start FROM (VALUES ${rows.join(', ')}) AS flow_logs (day, hour, start) ` +
                `WHERE ${timeRangePredicate({ since, until })}`,
            );
            const expected = starts.filter((start) => start >= (since ?? 0) && start < (until ?? Infinity));
            expect(reader.getRows().map(([start]) => start)).toEqual(expected);
          },
        ),
        { numRuns: 100 },
      );
      connection.closeSync();
    });
  });
});
