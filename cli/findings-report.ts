import { styleText } from 'node:util';
import { describeEvidence } from '../shared/findings/describe.ts';
import type { Finding, FindingKind } from '../shared/findings/finding.ts';
import { mergeInto } from '../shared/findings/merge.ts';
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

/** What was found in many objects, for the terminal. */
export interface FindingsReport {
  add(findings: readonly Finding[]): void;
  /** Findings of all objects, those of the same subject added up. */
  findings(): readonly Finding[];
  /** The report, empty if nothing was found. */
  text(): string;
}

/** Starts a report: findings of the same resource and path are added up over all objects. */
export function createFindingsReport(): FindingsReport {
  const merged = new Map<string, Finding>();
  let leftOut = 0;
  return {
    add(findings) {
      for (const finding of findings) if (!mergeInto(merged, finding, MOST_FINDINGS)) leftOut++;
    },
    findings: () => [...merged.values()],
    text() {
      const sections = KINDS.map((kind) => section(kind, [...merged.values()])).join('');
      return leftOut === 0
        ? sections
        : `${sections}\n… and ${counted(leftOut, 'finding')} in the table "findings"\n`;
    },
  };
}

function section(kind: FindingKind, all: readonly Finding[]): string {
  const findings = all.filter((finding) => finding.kind === kind);
  if (findings.length === 0) return '';
  const groups = [...Map.groupBy(findings, ({ path, cause }) => cause ?? path ?? '')];
  groups.sort(([, a], [, b]) => totalFlows(b) - totalFlows(a));
  return `\n${styleText('bold', TITLES[kind])}\n${groups.map(([name, group]) => groupText(name, group)).join('')}`;
}

function groupText(name: string, group: readonly Finding[]): string {
  const ranked = [...group].sort((a, b) => b.flows - a.flows);
  const heading =
    name === ''
      ? ''
      : `  ${name}: ${counted(totalFlows(group), 'flow')} at ${counted(group.length, 'resource')}\n`;
  const hidden = ranked.length - RESOURCES_SHOWN;
  const more = hidden > 0 ? `    … and ${counted(hidden, 'resource')} more\n` : '';
  return heading + ranked.slice(0, RESOURCES_SHOWN).map(findingText).join('') + more;
}

function findingText(finding: Finding): string {
  const {
    resource_id: id,
    resources,
    instance_id: instance,
    aws_account_id: account,
    aws_region: region,
  } = finding;
  const resource = id ?? (resources === undefined ? 'no resource named' : `${resources} other resources`);
  const what = [resource, instance && `(${instance})`, `in ${account} ${region}`].filter(Boolean).join(' ');
  const evidence = describeEvidence(finding).map((text) => `      ${visible(text)}\n`);
  return `    ${visible(what)}: ${counted(finding.flows, 'flow')}\n${evidence.join('')}`;
}

function totalFlows(findings: readonly Finding[]): number {
  return findings.reduce((sum, { flows }) => sum + flows, 0);
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
