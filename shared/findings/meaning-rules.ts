import {
  BLOCK_PUBLIC_ACCESS,
  ENCRYPTION_CONTROLS,
  EXAMPLES,
  LIMITATIONS,
  RECORDS,
  TRANSIT,
} from '../explain/rule.ts';
import type { Finding, LossCause, Meaning, Severity } from './finding.ts';
import {
  adminPortClaims,
  asksOutside,
  type Claim,
  claimOf,
  DARK_SHARE,
  egressClaims,
  FEW_FLOWS,
  FEW_PACKETS,
  flowsOf,
  hostSweepClaims,
  internalServiceClaims,
  isAnyOf,
  MANY_CLIENTS,
  MANY_TRIED,
  MOST_WANTED,
  mayBeLate,
  noRouteClaims,
  PORTS_OF_EACH,
  portScanClaims,
  publicServiceClaims,
  reasonClaims,
  replyClaims,
  requestedServices,
  SOME_CLIENTS,
} from './meaning-claims.ts';
import {
  flowsText,
  publicServiceText,
  refusedText,
  repliesText,
  requestsText,
  scanText,
  servicesText,
  sweepText,
} from './meaning-texts.ts';
import { count } from './wording.ts';

/** A severity and when a claim has it. */
export interface SeverityCase {
  readonly severity: Severity;
  /** In words, to follow "if"; absent in the last case, which is that of all others. */
  readonly when?: string;
  readonly holds: (claim: Claim, finding: Finding) => boolean;
}

/** What a finding may mean, when it does, and how much that matters. */
export interface MeaningRule {
  readonly meaning: Meaning;
  readonly words: string;
  /** Empty where the evidence does not show it. */
  readonly claims: (finding: Finding) => readonly Claim[];
  /** The first that holds counts; the last one always does. */
  readonly severities: readonly SeverityCase[];
  /** What the claims say, for a person. */
  readonly text: (claims: readonly Claim[], finding: Finding) => string;
  /** When it is claimed, and why the evidence means it. */
  readonly reason: string;
  /** Title of the page that the reason rests on. */
  readonly source: string;
}

const INFO: readonly SeverityCase[] = [{ severity: 'info', holds: () => true }];
const WARNING: readonly SeverityCase[] = [{ severity: 'warning', holds: () => true }];
/** Who tries things from inside is already in. */
const BY_ORIGIN: readonly SeverityCase[] = [
  { severity: 'critical', when: 'the source is inside', holds: ({ source }) => source?.inside === true },
  ...INFO,
];
const WARNING_IF_CERTAIN: readonly SeverityCase[] = [
  {
    severity: 'info',
    when: `the log has no TCP flags and it is fewer than ${FEW_FLOWS} flows, which may be late packets`,
    holds: mayBeLate,
  },
  ...WARNING,
];

const SCANNING = 'Network Service Discovery (MITRE ATT&CK T1046)';

/** Refused traffic, the most telling meaning first. The order counts where severities are equal. */
const REJECT_RULES: readonly MeaningRule[] = [
  {
    meaning: 'host-sweep',
    words: 'host sweep',
    claims: hostSweepClaims,
    severities: BY_ORIGIN,
    text: sweepText,
    reason: `One source was refused by ${MANY_TRIED} interfaces of the object or more, at few ports, and did not go on asking each as health checks do.`,
    source: SCANNING,
  },
  {
    meaning: 'port-scan',
    words: 'port scan',
    claims: portScanClaims,
    severities: BY_ORIGIN,
    text: scanText,
    reason: `One source asked for ${MANY_TRIED} server ports or more, ${PORTS_OF_EACH} or more of each destination, and did not go on asking each, or for more than ${MOST_WANTED} of a destination. Replies and late packets are not counted.`,
    source: SCANNING,
  },
  {
    meaning: 'public-service-rejected',
    words: 'public service rejected',
    claims: publicServiceClaims,
    severities: WARNING,
    text: publicServiceText,
    reason: `Many outside sources are refused at a port that the same interface also accepts (${SOME_CLIENTS} or more of them), or at 80 or 443 (${MANY_CLIENTS} or more), and that is ${100 * DARK_SHARE} % or more of what it refuses besides other such services: a public service going dark. Without TCP flags more is refused than accepted. Ports of administration are left out: open to some is their normal state.`,
    source: RECORDS,
  },
  {
    meaning: 'reply-rejected',
    words: 'reply rejected',
    claims: replyClaims,
    severities: WARNING_IF_CERTAIN,
    text: repliesText,
    reason:
      'The same interface accepted the request and refused the reply. A security group is stateful and lets replies pass; a network ACL is not.',
    source: EXAMPLES,
  },
  {
    meaning: 'internal-service-rejected',
    words: 'internal service rejected',
    claims: internalServiceClaims,
    severities: WARNING_IF_CERTAIN,
    text: requestsText,
    reason:
      'Own networks ask each other and are refused. The record cannot tell a security group from a network ACL. What one scanning source asks for is left out.',
    source: RECORDS,
  },
  {
    meaning: 'blocked-egress',
    words: 'blocked egress',
    claims: egressClaims,
    severities: WARNING_IF_CERTAIN,
    text: requestsText,
    reason: 'An own resource asks the internet or an AWS service and is refused on its way out.',
    source: RECORDS,
  },
  {
    meaning: 'encryption-control',
    words: 'encryption controls',
    claims: (finding) => reasonClaims(finding, 'EC'),
    severities: [
      {
        severity: 'info',
        when: 'the internet asks, whose probes are never encrypted',
        holds: (_, finding) => isAnyOf(finding, 'internet-to-subnet'),
      },
      ...WARNING,
    ],
    text: refusedText,
    reason:
      'The reject reason is EC: own traffic that is not encrypted where VPC encryption controls demand it.',
    source: ENCRYPTION_CONTROLS,
  },
  {
    meaning: 'block-public-access',
    words: 'VPC Block Public Access',
    claims: (finding) => reasonClaims(finding, 'BPA'),
    severities: [
      {
        severity: 'warning',
        when: 'an own resource is kept from the internet or an AWS service',
        holds: (_, finding) => asksOutside(finding),
      },
      ...INFO,
    ],
    text: refusedText,
    reason:
      'The reject reason is BPA. To keep the internet out is what it is for; a public service that it darkens has that meaning, too.',
    source: BLOCK_PUBLIC_ACCESS,
  },
  {
    meaning: 'admin-port-probe',
    words: 'admin port probe',
    claims: adminPortClaims,
    severities: INFO,
    text: requestsText,
    reason: 'The internet asks for SSH, RDP, WinRM and the like, and is refused. A rejected SYN is no login.',
    source: RECORDS,
  },
  {
    meaning: 'late-packets',
    words: 'late packets',
    claims: ({ late_packets: late = 0 }) => claimOf(late),
    severities: INFO,
    text: (claims, { flows }) =>
      `${flowsOf(claims) === flows ? 'all flows' : flowsText(claims)} without a request: packets after a close, or of no connection at all`,
    reason:
      'TCP without SYN, or of a connection that the same interface accepted in this object. AWS logs packets after the close as REJECT. Scans without SYN look the same. Either port may be the service.',
    source: RECORDS,
  },
];

/** Refused traffic of which no rule claims anything. */
const BACKGROUND: MeaningRule = {
  meaning: 'background',
  words: 'background',
  claims: () => [],
  severities: INFO,
  text: (claims, finding) => {
    const meant = new Set(claimsOfRules(REJECT_RULES, finding).map(({ claim }) => claim.service));
    const services = requestedServices(finding).filter((service) => !meant.has(service));
    return services.length === 0 ? flowsText(claims) : `${flowsText(claims)}, to ${servicesText(services)}`;
  },
  reason:
    "What is left: the internet's ordinary scanning, or packets whose connection the object does not show. Nothing more is claimed.",
  source: RECORDS,
};

/** Warning, but for the few packets that something ordinary loses. */
function warningUnlessFew(why: string): readonly SeverityCase[] {
  const when = `it is fewer than ${FEW_PACKETS} packets, as ${why} loses`;
  return [{ severity: 'info', when, holds: (_, { packets = 0 }) => packets < FEW_PACKETS }, ...WARNING];
}

const LOSS_RULES: readonly MeaningRule[] = [
  {
    ...lossRule('no-route', 'no route', 'no route in the transit gateway route table matched'),
    claims: noRouteClaims,
    severities: [
      {
        severity: 'warning',
        when: 'a private destination has no route',
        holds: ({ destination }) => destination !== undefined,
      },
      ...INFO,
    ],
    reason:
      'No route matched. What asks for public addresses where there is no way to the internet is common.',
  },
  lossRule('blackhole', 'blackhole route', 'a blackhole route dropped them'),
  {
    ...lossRule('mtu-exceeded', 'MTU exceeded', 'they were larger than the MTU'),
    severities: warningUnlessFew("the discovery of a path's MTU"),
  },
  {
    ...lossRule('ttl-expired', 'time to live expired', 'their time to live ran out, as in a routing loop'),
    severities: warningUnlessFew('traceroute'),
  },
];

function lossRule(cause: LossCause, words: string, why: string): MeaningRule {
  return {
    meaning: cause,
    words,
    claims: (finding) => (finding.cause === cause ? [{ flows: finding.flows }] : []),
    severities: WARNING,
    text: (_, { packets = 0 }) => `${count(packets, 'packet')} lost: ${why}`,
    reason: `The transit gateway counts these packets as lost: ${why}.`,
    source: TRANSIT,
  };
}

const DATA_LOSS: MeaningRule = {
  meaning: 'data-loss',
  words: 'log data lost',
  claims: ({ flows }) => [{ flows }],
  // Above 5 % of an interface's intervals in a day it is a warning, but one object does not know the day.
  severities: INFO,
  text: (_, { flows, skipped_seconds: seconds = 0 }) =>
    `AWS lost records of ${count(flows, 'interval')}, ${count(seconds, 'second')} together`,
  reason: 'SKIPDATA: AWS could not log all flows. It calls some loss normal.',
  source: LIMITATIONS,
};

/** Every rule. */
export const MEANING_RULES: readonly MeaningRule[] = [...REJECT_RULES, BACKGROUND, ...LOSS_RULES, DATA_LOSS];

/** The claims of all rules about a finding, in the order of the rules. Never empty. */
export function claimsOf(finding: Finding): { readonly rule: MeaningRule; readonly claim: Claim }[] {
  if (finding.kind === 'SKIPDATA') return claimsOfRules([DATA_LOSS], finding);
  const claims = claimsOfRules(finding.kind === 'REJECT' ? REJECT_RULES : LOSS_RULES, finding);
  // Claims overlap, so this is what is left at least.
  const left = finding.flows - flowsOf(claims.map(({ claim }) => claim));
  if (left > 0 || claims.length === 0) {
    claims.push({ rule: BACKGROUND, claim: { flows: Math.max(left, 0) } });
  }
  return claims;
}

function claimsOfRules(rules: readonly MeaningRule[], finding: Finding) {
  return rules.flatMap((rule) => rule.claims(finding).map((claim) => ({ rule, claim })));
}
