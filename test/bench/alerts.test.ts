import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Told } from '../../bench/alerts/judge.ts';
import { HEADING, sectionOf, withSection } from '../../bench/alerts/section.ts';
import {
  type Report,
  SIMULATIONS,
  type Simulation,
  type Sizes,
  simulations,
  WITHIN,
} from '../../bench/alerts/simulations.ts';

/** The simulations of `npm run bench:alerts`, smaller: rates and incidents are the same, there are fewer hours and accounts. */
const SMALL: Sizes = {
  day: {
    hours: 3,
    telemetry: true,
    internal: 32,
    burst: 50,
    closes: [70],
    public: 80,
    sweep: 125,
    scanner: 150,
  },
  week: { hours: 2, closes: [70] },
  organization: {
    hours: 2,
    accounts: 24,
    large: 4,
    interfaces: 105,
    incidents: { reply: 10, internal: 22, silence: 25, egress: 37, public: 52, sweep: 95 },
  },
  backfill: { accounts: 2, days: 2, readingHours: 4 },
};

let reports: ReadonlyMap<Simulation, Report>;
const reportOf = (simulation: Simulation): Report => reports.get(simulation)!;

beforeAll(async () => {
  const all = await Array.fromAsync(simulations(SMALL));
  reports = new Map(all.map((report) => [report.simulation, report]));
});

function ofKind({ verdict: { sent } }: Report, ...kinds: Told['kind'][]): Told[] {
  return sent.filter(({ kind }) => kinds.includes(kind));
}

describe.each(['scanner', 'day', 'dayOfDefaultFormat', 'organization'] as const)('%s', (title) => {
  test('every incident is told, within five minutes of the first object that shows it', () => {
    const incidents = reportOf(title).verdict.outcomes.filter(({ condition }) => condition.is === 'incident');
    expect(incidents).toHaveLength(title === 'organization' ? 6 : 3);
    for (const { condition, delay } of incidents) {
      expect(delay, condition.name).toBeGreaterThanOrEqual(0);
      expect(delay, condition.name).toBeLessThanOrEqual(WITHIN);
    }
  });
});

test.each(['scanner', 'day', 'week', 'organization', 'backfill'] as const)(
  '%s: what is told at once is true',
  (title) => {
    expect(reportOf(title).verdict.sent.filter(({ isFalse }) => isFalse)).toEqual([]);
  },
);

test('a day of an account has at most 25 messages', () => {
  expect(reportOf('scanner').verdict.sent.length).toBeLessThanOrEqual(25);
});

test('log data that AWS loses for a while is in the digest', () => {
  const small = reportOf('scanner').verdict.outcomes.filter(({ condition }) => condition.is === 'small');
  expect(small).toMatchObject([{ messages: 1 }]);
});

test('without incidents there are digests, and the first message of the account', () => {
  const week = reportOf('week');
  expect(ofKind(week, 'first')).toHaveLength(1);
  expect(ofKind(week, 'at-once', 'overflow')).toEqual([]);
  expect(ofKind(week, 'digest').length).toBeGreaterThan(0);
});

test('an organization has at most 120 messages', () => {
  expect(reportOf('organization').verdict.sent.length).toBeLessThanOrEqual(120);
});

test('old objects are told of once an account', () => {
  const { sent } = reportOf('backfill').verdict;
  expect(sent.map(({ accounts }) => accounts)).toHaveLength(2);
  expect(new Set(sent.flatMap(({ accounts }) => accounts)).size).toBe(2);
});

describe('docs/alerts.md', () => {
  test('shows the simulations (renew it with: npm run bench:alerts -- --update)', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8');
    const section = page.slice(page.indexOf(HEADING)).split('\n## ')[0]!;
    const shown = [...section.matchAll(/\n### (.+)\n/g)].map(([, title]) => title);
    expect(shown).toEqual(Object.values(SIMULATIONS).map(({ title }) => title));
    for (const { what } of Object.values(SIMULATIONS)) expect(section).toContain(`\n${what}\n`);
    expect(section.startsWith(sectionOf([]).trim())).toBe(true);
  });

  test('gets a new section in the place of the old one', () => {
    const page = `# Alerts\n\n${HEADING}\n\nold\n\n## Next\n\nmore\n`;
    expect(withSection(page, `${HEADING}\n\nnew\n`)).toBe(
      `# Alerts\n\n${HEADING}\n\nnew\n\n## Next\n\nmore\n`,
    );
    expect(withSection('# Alerts\n', `${HEADING}\n\nnew\n`)).toBe(`# Alerts\n\n${HEADING}\n\nnew\n`);
  });
});
