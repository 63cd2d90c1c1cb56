import type { Finding, Meaning, Severity } from './finding.ts';
import { byWeight, ruleOf, type Signal, signalsOf } from './meaning.ts';
import { count, who } from './wording.ts';

/** What the evidence of one object says of a meaning. */
export interface Told {
  readonly meaning: Meaning;
  readonly severity: Severity;
  readonly flows: number;
  readonly text: string;
}

/** What a finding means, each with its evidence in words, the most severe first. */
export function tell(finding: Finding): Told[] {
  const byMeaning = Map.groupBy(signalsOf(finding), ({ meaning }) => meaning);
  return [...byMeaning].map(([meaning, signals]) => ({
    meaning,
    severity: signals[0]!.severity,
    flows: signals.reduce((sum, { flows }) => sum + flows, 0),
    text: ruleOf(meaning).text(signals, finding),
  }));
}

/** What two objects tell together. Of each meaning the one that says more is kept: their evidence does not add up. */
export function tellBoth(a: readonly Told[], b: readonly Told[]): Told[] {
  const both = Map.groupBy([...a, ...b], ({ meaning }) => meaning);
  return [...both.values()].map((told) => told.sort(compareTold)[0]!).sort(byWeight);
}

function compareTold(a: Told, b: Told): number {
  return byWeight(a, b) || b.flows - a.flows;
}

/**
 * What a finding means and what its evidence says, in a few words each, the most severe first.
 *
 * @param told what the finding means; of findings that were added up, what each of them told
 */
export function describeEvidence(finding: Finding, told: readonly Told[] = tell(finding)): string[] {
  const signals = signalsOf(finding);
  const meanings = told.map(({ meaning, severity, text }) => {
    const rule = ruleOf(meaning);
    const all = signals.filter((signal) => signal.meaning === meaning);
    return `${rule.words} (${severity}): ${all.length === 0 ? text : rule.text(all, finding)}`;
  });
  return [...meanings, ...describeReasons(finding), ...describeEnds(finding, signals)];
}

/** Reject reasons with a meaning of their own. */
const MEANT_REASONS: readonly string[] = ['BPA', 'EC'];

function describeReasons({ reject_reasons: reasons = [] }: Finding): string[] {
  return reasons
    .filter(({ reason }) => !MEANT_REASONS.includes(reason))
    .map(({ reason, flows }) => `${count(flows, 'flow')} with reject reason ${reason}`);
}

function describeEnds(finding: Finding, signals: readonly Signal[]): string[] {
  const { kind, top_sources: sources = [], top_destinations: [destination] = [] } = finding;
  if (kind === 'PACKET_LOSS') {
    // The two lists are ranked each by itself: their first entries need not have talked to each other.
    const from = sources.slice(0, 1).map((source) => `most flows from ${who(source)}`);
    return destination === undefined ? from : [...from, `most flows to ${who(destination)}`];
  }
  const named = new Set(signals.map(({ source }) => source?.address));
  const [first, ...others] = sources.filter(({ address }) => !named.has(address));
  if (first === undefined) return [];
  // The list is cut off, so there may be more.
  return others.length === 0
    ? [`from ${who(first)}`]
    : [`from ${who(first)} and at least ${count(others.length, 'other')}`];
}
