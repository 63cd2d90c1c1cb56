import { styleText } from 'node:util';
import { describeEvidence, tell } from '../shared/findings/describe.ts';
import type { Finding, FindingKind, Meaning, Severity } from '../shared/findings/finding.ts';
import { bySeverity, byWeight } from '../shared/findings/meaning.ts';
import { type MergedFinding, mergeInto } from '../shared/findings/merge.ts';
import { count } from '../shared/findings/wording.ts';
import { visible } from './output.ts';

/** Resources and paths that are added up over all objects; a report is for reading, and memory is bounded. */
const MOST_FINDINGS = 5000;
/** Resources shown of each path or cause; the others are counted. */
const RESOURCES_SHOWN = 5;

const TITLES: Readonly<Record<FindingKind, string>> = {
  REJECT: 'Rejected traffic',
  PACKET_LOSS: 'Packets lost in transit gateways',
  SKIPDATA: 'Lost log data',
};

const KINDS = Object.keys(TITLES) as FindingKind[];

/** How often something was found to be meant. */
export interface MeaningTotal {
  readonly meaning: Meaning;
  /** The highest that it had. */
  readonly severity: Severity;
  /** Findings of one object each that mean it, possibly among other things. */
  readonly findings: number;
}

/** What was found in many objects, for the terminal. */
export interface FindingsReport {
  add(findings: readonly Finding[]): void;
  /** What all findings mean, the most severe first. */
  meanings(): readonly MeaningTotal[];
  /** Findings of all objects, those of the same subject added up. */
  findings(): readonly MergedFinding[];
  /** The report, empty if nothing was found. */
  text(): string;
}

/** Starts a report: findings of the same resource and path are added up over all objects. */
export function createFindingsReport(): FindingsReport {
  const merged = new Map<string, MergedFinding>();
  const meanings = new Map<Meaning, MeaningTotal>();
  let leftOut = 0;
  return {
    add(findings) {
      for (const finding of findings) {
        countMeanings(meanings, finding);
        if (!mergeInto(merged, finding, MOST_FINDINGS)) leftOut++;
      }
    },
    meanings: () => [...meanings.values()].sort(byWeight),
    findings: () => [...merged.values()],
    text() {
      const sections = KINDS.map((kind) => section(kind, [...merged.values()])).join('');
      return leftOut === 0
        ? sections
        : `${sections}\n… and ${count(leftOut, 'finding')} in the table "findings"\n`;
    },
  };
}

/** Adds what a finding means to the totals. */
function countMeanings(totals: Map<Meaning, MeaningTotal>, finding: Finding): void {
  for (const { meaning, severity } of tell(finding)) {
    const before = totals.get(meaning) ?? { meaning, severity, findings: 0 };
    const [highest] = [before.severity, severity].sort(bySeverity) as [Severity, Severity];
    totals.set(meaning, { meaning, severity: highest, findings: before.findings + 1 });
  }
}

function section(kind: FindingKind, all: readonly MergedFinding[]): string {
  const findings = all.filter((finding) => finding.kind === kind);
  if (findings.length === 0) return '';
  const groups = [...Map.groupBy(findings, ({ path, cause }) => cause ?? path ?? '')];
  groups.sort(([, a], [, b]) => compareWorst(a, b) || totalFlows(b) - totalFlows(a));
  return `\n${styleText('bold', TITLES[kind])}\n${groups.map(([name, group]) => groupText(name, group)).join('')}`;
}

function groupText(name: string, group: readonly MergedFinding[]): string {
  const ranked = [...group].sort((a, b) => compareWorst([a], [b]) || b.flows - a.flows);
  const heading =
    name === ''
      ? ''
      : `  ${name}: ${count(totalFlows(group), 'flow')} at ${count(group.length, 'resource')}\n`;
  const hidden = ranked.length - RESOURCES_SHOWN;
  const more = hidden > 0 ? `    … and ${count(hidden, 'resource')} more\n` : '';
  return heading + ranked.slice(0, RESOURCES_SHOWN).map(findingText).join('') + more;
}

function findingText(finding: MergedFinding): string {
  const {
    resource_id: id,
    resources,
    instance_id: instance,
    aws_account_id: account,
    aws_region: region,
  } = finding;
  const resource = id ?? (resources === undefined ? 'no resource named' : `${resources} other resources`);
  const what = [resource, instance && `(${instance})`, `in ${account} ${region}`].filter(Boolean).join(' ');
  const evidence = describeEvidence(finding, finding.told).map((text) => `      ${visible(text)}\n`);
  return `    ${visible(what)}: ${count(finding.flows, 'flow')}\n${evidence.join('')}`;
}

/** Orders lists of findings, the one with the most severe finding first. */
function compareWorst(a: readonly MergedFinding[], b: readonly MergedFinding[]): number {
  return bySeverity(worstOf(a), worstOf(b));
}

function worstOf(findings: readonly MergedFinding[]): Severity {
  return findings.map(({ told }) => told[0]!.severity).sort(bySeverity)[0]!;
}

function totalFlows(findings: readonly MergedFinding[]): number {
  return findings.reduce((sum, { flows }) => sum + flows, 0);
}
