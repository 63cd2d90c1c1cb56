/** What is worth a message, and when: the operator's choice. Durations are in seconds. */

import type { Severity } from './situation.ts';

export interface Policy {
  /** Of these severities each situation gets messages of its own; the others go into digests. */
  readonly atOnce: readonly Severity[];
  /** Without traffic for so long a situation is over. */
  readonly quietSeconds: number;
  /** A message says that a situation grew once it is this many times as large as in the last one. */
  readonly growth: number;
  /** After so long a message says that a situation is still open. */
  readonly stillOpenSeconds: number;
  /** What is older is stored and not published. */
  readonly newsSeconds: number;
  readonly digestSeconds: number;
  /** Messages of an hour; what is beyond goes into one digest at its end. */
  readonly messagesPerHour: number;
  /** Situations of a VPC that may open in an hour with messages of their own; then they are told as one of the VPC. */
  readonly openingsPerHour: number;
}

export const DEFAULT_POLICY: Policy = {
  atOnce: ['warning', 'critical'],
  quietSeconds: 3600,
  growth: 10,
  stillOpenSeconds: 86_400,
  newsSeconds: 6 * 3600,
  digestSeconds: 6 * 3600,
  messagesPerHour: 20,
  openingsPerHour: 20,
};
