/** What is worth a message, and when: the operator's choice. Durations are in seconds. */

import type { ConnectionPath, Severity } from '../findings/finding.ts';
import type { AlertKind, AlertMeaning } from './situation.ts';

/** How people are told: with a message of its own, in a digest of many, or not at all. */
export type Treatment = 'at-once' | 'digest' | 'never';

export interface Policy {
  readonly severities: Readonly<Record<Severity, Treatment>>;
  /** Kinds and meanings of which nobody wants to know. */
  readonly off: readonly (AlertKind | AlertMeaning)[];
  /** What a situation must have reached before people are told of it; 1 flow unless listed. */
  readonly minimums: Readonly<Partial<Record<AlertMeaning, Minimum>>>;
  /** Traffic that is known and meant to be as it is. */
  readonly ignore: readonly IgnoreRule[];
  /** Addresses to be taken for inside and for on-premises beyond those that are by their range. CIDRs. */
  readonly insideRanges: readonly string[];
  readonly onPremisesRanges: readonly string[];
  /** Without traffic for so long a situation is over. */
  readonly quietSeconds: number;
  /** A message says that a situation grew once it is this many times as large as in the last one. */
  readonly growth: number;
  /** After so long a message says that a situation is still open. */
  readonly stillOpenSeconds: number;
  /** What is older is stored and not published. */
  readonly newsSeconds: number;
  readonly digestSeconds: number;
  /** An account that delivered regularly and then nothing for so long has fallen silent. */
  readonly silenceSeconds: number;
  /** Messages of an hour; what is beyond goes into one digest at its end. */
  readonly messagesPerHour: number;
  /** Situations of a scope that may open in an hour with messages of their own; then the wider scope is told of as one. */
  readonly openingsPerHour: number;
}

export interface Minimum {
  readonly flows?: number;
  readonly packets?: number;
}

/** What meets all that a rule lists is ignored. */
export interface IgnoreRule {
  /** For the people who read the policy. */
  readonly because?: string;
  readonly meanings?: readonly AlertMeaning[];
  readonly paths?: readonly ConnectionPath[];
  /** CIDRs. */
  readonly sources?: readonly string[];
  readonly destinations?: readonly string[];
  /** Ports of services, of any protocol. */
  readonly ports?: readonly number[];
  /** Ids of interfaces, NAT gateways or attachments. */
  readonly interfaces?: readonly string[];
  readonly accounts?: readonly string[];
}

export const DEFAULT_POLICY: Policy = {
  severities: { info: 'digest', warning: 'at-once', critical: 'at-once' },
  off: [],
  minimums: {},
  ignore: [],
  insideRanges: [],
  onPremisesRanges: [],
  quietSeconds: 3600,
  growth: 10,
  stillOpenSeconds: 86_400,
  newsSeconds: 6 * 3600,
  digestSeconds: 6 * 3600,
  silenceSeconds: 3600,
  messagesPerHour: 20,
  openingsPerHour: 20,
};
