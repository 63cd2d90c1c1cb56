import type { DESTINATION, Refusal, SOURCE } from './connection.ts';
import type { Distinct } from './distinct.ts';
import type { ServiceSide } from './finding.ts';
import type { Flow } from './flow.ts';
import type { Place } from './path.ts';

/** A flow with what has been found out about its connection. */
export interface JudgedFlow {
  readonly flow: Flow;
  readonly sourcePlace: Place;
  readonly destinationPlace: Place;
  /** The end that serves; if it is the source, the flow goes the way of replies. */
  readonly serving: typeof SOURCE | typeof DESTINATION;
  readonly side: ServiceSide;
  /** What a refused flow was; undefined for one that lost packets. */
  readonly refusal: Refusal | undefined;
  /** Whether the source certainly asks for what is at the destination, so that this counts as tried. */
  readonly asks: boolean;
  /** Packets and bytes that were refused or lost; -1 where unknown. */
  readonly packets: number;
  readonly bytes: number;
  /** The flow's line, cut to 512 bytes. */
  sample(): string;
}

/** What a finding's evidence is completed with at the object's end. */
export interface ObjectFacts {
  /** Flows that the finding's resource accepted, as far as they were counted. */
  acceptedFlows(protocol: number, port: number, side: ServiceSide): number;
  /** Distinct resources of the whole object at which a source was refused; undefined if they were not counted. */
  resourcesAsked(sourceHash: number): Distinct | undefined;
}

/** How many entries a finding's top lists have, and how many keys are counted to find them. */
export const TOP = 10;
export const COUNTED = 32;
