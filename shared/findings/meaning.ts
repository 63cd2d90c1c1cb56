import { byText } from './counting.ts';
import { type Finding, type Meaning, SEVERITIES, type Severity } from './finding.ts';
import type { Claim } from './meaning-claims.ts';
import { claimsOf, MEANING_RULES, type MeaningRule } from './meaning-rules.ts';

/** Something that a finding means, of which an alert can tell: one service, one scanning source, or all of a meaning. */
export interface Signal extends Claim {
  readonly meaning: Meaning;
  readonly severity: Severity;
}

/**
 * What a finding means, the most severe first; never empty. A finding can mean several things at once: the internet's
 * ordinary scanning, one scanner, and a service that goes dark. It rests on the finding's evidence alone, so that ingest,
 * alerts and reports say the same.
 */
export function signalsOf(finding: Finding): readonly Signal[] {
  return claimsOf(finding)
    .map(
      ({ rule, claim }): Signal => ({
        ...claim,
        meaning: rule.meaning,
        severity: severityOfClaim(rule, claim, finding),
      }),
    )
    .sort(compareSignals);
}

/** The distinct meanings of a finding, the most severe first; never empty. */
export function meaningsOf(finding: Finding): readonly Meaning[] {
  return [...new Set(signalsOf(finding).map(({ meaning }) => meaning))];
}

/** The highest severity of a finding's meanings. */
export function severityOf(finding: Finding): Severity {
  return signalsOf(finding)[0]!.severity;
}

const RULES: ReadonlyMap<Meaning, MeaningRule> = new Map(MEANING_RULES.map((rule) => [rule.meaning, rule]));

/** The rule of a meaning: its words, its texts and its reason. */
export function ruleOf(meaning: Meaning): MeaningRule {
  return RULES.get(meaning)!;
}

/** Orders severities, the highest first. */
export function bySeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(b) - SEVERITIES.indexOf(a);
}

function severityOfClaim({ severities }: MeaningRule, claim: Claim, finding: Finding): Severity {
  return severities.find(({ holds }) => holds(claim, finding))!.severity;
}

const RANKS: ReadonlyMap<Meaning, number> = new Map(
  MEANING_RULES.map(({ meaning }, rank) => [meaning, rank]),
);

/** Orders meanings, the most severe first, then the most telling. */
export function byWeight(a: Weighed, b: Weighed): number {
  return bySeverity(a.severity, b.severity) || RANKS.get(a.meaning)! - RANKS.get(b.meaning)!;
}

type Weighed = Pick<Signal, 'meaning' | 'severity'>;

/** By weight and flows; the rest makes the order the same every time. */
function compareSignals(a: Signal, b: Signal): number {
  return byWeight(a, b) || b.flows - a.flows || byText(subjectOf(a), subjectOf(b));
}

function subjectOf({ service, source, destination }: Signal): string {
  const { protocol, port, side } = service ?? {};
  return JSON.stringify([protocol, port, side, source?.address, destination?.address]);
}
