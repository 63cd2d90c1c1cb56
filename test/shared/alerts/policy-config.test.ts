import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/alerts/policy.ts';
import { POLICY_SETTINGS, parsePolicy } from '../../../shared/alerts/policy-config.ts';

test('what a policy does not say is as it is by default', () => {
  expect(parsePolicy({})).toEqual(DEFAULT_POLICY);
});

test('every setting is described, with what is usual', () => {
  const usual = Object.fromEntries(POLICY_SETTINGS.map((setting) => [setting.name, setting.usual]));
  expect(parsePolicy(usual)).toEqual(DEFAULT_POLICY);
  expect(Object.keys(usual)).toHaveLength(Object.keys(DEFAULT_POLICY).length);
});

test('durations are in the units of people, the rest is as it is written', () => {
  const scanner = { because: 'our scanner', sources: ['10.9.0.5/32'], meanings: ['port-scan'] };
  expect(
    parsePolicy({
      severities: { info: 'never' },
      off: ['SKIPDATA', 'late-packets'],
      minimums: { 'internal-service-rejected': { flows: 5 } },
      ignore: [scanner],
      onPremisesRanges: ['192.0.2.0/24'],
      quietMinutes: 30,
      stillOpenHours: 12,
      newsHours: 3,
      digestHours: 24,
      silenceMinutes: 90,
      growthFactor: 100,
      messagesPerHour: 5,
    }),
  ).toEqual({
    ...DEFAULT_POLICY,
    severities: { info: 'never', warning: 'at-once', critical: 'at-once' },
    off: ['SKIPDATA', 'late-packets'],
    minimums: { 'internal-service-rejected': { flows: 5 } },
    ignore: [scanner],
    onPremisesRanges: ['192.0.2.0/24'],
    quietSeconds: 1800,
    stillOpenSeconds: 43_200,
    newsSeconds: 10_800,
    digestSeconds: 86_400,
    silenceSeconds: 5400,
    growth: 100,
    messagesPerHour: 5,
  });
});

test.each([
  [{ quiteMinutes: 5 }, 'quiteMinutes'],
  [{ quietMinutes: 1 }, 'quietMinutes: takes a number from 5'],
  [{ messagesPerHour: 2.5 }, 'messagesPerHour: takes a whole number'],
  [{ off: ['noise'] }, 'off.0: takes kinds and meanings'],
  [{ ignore: [{ because: 'x' }] }, 'ignore.0: says nothing to ignore'],
  [{ ignore: [{ sources: ['10.0.0.5'] }] }, 'ignore.0.sources.0: takes a network such as 10.9.0.0/24'],
  [{ ignore: [{ sources: [] }] }, 'ignore.0.sources: takes at least one'],
  [{ insideRanges: ['10.0.0.0/33'] }, 'insideRanges.0: takes a network'],
  [{ severities: { info: 'email' } }, 'severities.info'],
  [{ minimums: { scans: { flows: 1 } } }, 'minimums'],
  ['noise', 'it: '],
  [null, 'it: '],
])('%j is refused in words', (config, words) => {
  expect(() => parsePolicy(config)).toThrow(words);
  expect(() => parsePolicy(config)).toThrow('docs/alerts.md');
});
