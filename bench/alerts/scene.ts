/** What goes on in a simulation, and what of it is true: who talks to whom, what breaks, and what a message may say of it. */
import type { Conversation } from '../../generator/conversation.ts';
import type { FlowRecord } from '../../generator/records.ts';
import type { Gap } from '../../generator/scenario.ts';
import type { SecurityGroupChange, Vpc, World } from '../../generator/world.ts';
import type { Subject } from '../../shared/alerts/situation.ts';

/** Worlds at work for some hours. */
export interface Scene {
  /** Unix seconds, a whole hour. */
  readonly start: number;
  readonly hours: number;
  readonly places: readonly Place[];
}

/** A world, what happens in it, and whose flow logs are read. */
export interface Place {
  readonly world: World;
  readonly vpcs: readonly Vpc[];
  /** The conversations that begin in the minute from this time (Unix seconds) on. Asked once for each, in order. */
  conversations(minute: number): Iterable<Conversation>;
  readonly changes?: readonly SecurityGroupChange[];
  readonly gaps?: readonly Gap[];
  readonly conditions?: readonly Condition[];
  /** From this time on (Unix seconds) nothing is delivered. */
  readonly silentFrom?: number;
}

/**
 * Something that is really wrong, or really going on. A message that names none is a false alarm; an incident that no
 * message names in time was missed. A standing condition may be told of at once and need not be. What is small belongs into a
 * digest: a message of its own would be a false alarm.
 */
export interface Condition {
  readonly name: string;
  readonly is: 'incident' | 'standing' | 'small';
  /** Whether a refused flow belongs to it: the first object with such a flow is the first that could show it. */
  shows?(record: FlowRecord): boolean;
  /** Where no flow shows it: when it could be told of first. Unix seconds. */
  readonly tellableFrom?: number;
  /** Whether a message about this subject says what is wrong, and where. */
  isNamedBy(subject: Subject): boolean;
  /** Unix seconds in which it goes on. */
  readonly from: number;
  readonly until: number;
}
