import { expect, test } from 'vitest';
import { RULES } from '../../../shared/explain/rules.ts';
import { at, BOTH_LOGGED, explained, NOON, WHOLE } from './plain-traffic.ts';

const REJECT = { action: 'REJECT' } as const;

test('an explanation is its rule and the records that it rests on', () => {
  const [request, rejected] = [at('P1'), at('P2', REJECT)];
  const explanation = explained({ rows: [rejected, request] });
  const rule = RULES.find(({ id }) => id === 'target-rejects')!;
  const { id: _, when: _when, asserts: _asserts, hidden, ...told } = rule;
  expect(explanation).toMatchObject({ rule: 'target-rejects', ...told, limits: hidden, tcp: 'unanswered' });
  expect(explanation.points.P1.records).toEqual([request]);
  expect(explanation.points.P2.records).toEqual([rejected]);
});

test('without TCP flags a verdict is one step less sure, and says why', () => {
  const noFlags = { tcp_flags: null };
  const explanation = explained({ rows: [at('P1', noFlags), at('P2', { ...REJECT, ...noFlags })] });
  expect(explanation).toMatchObject({ rule: 'target-rejects', confidence: 'medium' });
  expect(explanation.limits.at(-1)).toMatch(/no TCP flags/);
});

test('nothing is less sure for missing flags where there is no record at all', () => {
  expect(explained({})).toMatchObject({ rule: 'not-sent', confidence: 'medium' });
});

test('time that is not delivered yet is named, also when the verdict does not need it', () => {
  const logs = new Map([...BOTH_LOGGED, ['eni-b', { ...WHOLE, completeUntil: NOON + 600 }]]);
  const { rule, limits } = explained({ rows: [at('P1'), at('P2', REJECT)], logs });
  expect(rule).toBe('target-rejects');
  expect(limits).toContain(
    'What came after 2026-11-20T12:10:00Z: the log of an end stops there, or is not delivered yet.',
  );
});

test('time before a log begins is named', () => {
  const logs = new Map([...BOTH_LOGGED, ['eni-b', { ...WHOLE, completeFrom: NOON - 600 }]]);
  const { rule, limits } = explained({ rows: [at('P1'), at('P2', REJECT)], logs });
  expect(rule).toBe('target-rejects');
  expect(limits).toContain('What came before 2026-11-20T11:50:00Z: a log of the two ends begins only then.');
});
