/** Flow log records before they become lines. */
import type { InterfaceSighting, TransitSighting } from './path.ts';
import type { RejectReason } from './policy.ts';
import type { NetworkInterface } from './world.ts';

/** What all records of flows say. Times are Unix seconds. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

export interface FlowRecord extends Interval {
  readonly status: 'OK';
  readonly sighting: InterfaceSighting;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  readonly tcpFlags: number;
  readonly action: 'ACCEPT' | 'REJECT';
  /** Why it was rejected, where that was neither a security group nor a network ACL. */
  readonly rejectReason?: RejectReason | undefined;
}

/** An interval without traffic, or one whose records AWS lost. */
export interface GapRecord extends Interval {
  readonly status: 'NODATA' | 'SKIPDATA';
  readonly observer: NetworkInterface;
}

export type VpcRecord = FlowRecord | GapRecord;

export interface TransitRecord extends Interval {
  readonly sighting: TransitSighting;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  readonly tcpFlags: number;
}

/** Takes the records of all flow logs as they arise; those of one flow are in order, flows are not. */
export interface Recorder {
  vpc(record: VpcRecord): void;
  transit(record: TransitRecord): void;
}
