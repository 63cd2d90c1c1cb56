/**
 * What is known of the traffic between two ends, at the four points where flow logs can see it. Source of what the
 * columns mean: "Flow log records" (Amazon VPC User Guide).
 */

/** P1: the request leaves A. P2: it reaches B. P3: the reply leaves B. P4: it reaches A. */
export type Point = 'P1' | 'P2' | 'P3' | 'P4';
export const POINTS: readonly Point[] = ['P1', 'P2', 'P3', 'P4'];

/** `absent` is a claim about traffic: no record although one would exist. `not-observed` is none. */
export type PointState = 'accept' | 'reject' | 'both' | 'absent' | 'not-observed';
export const POINT_STATES: readonly PointState[] = ['accept', 'reject', 'both', 'absent', 'not-observed'];

/** Why a point is not observed, in words. */
export const UNOBSERVED = {
  'no-flow-log': 'no flow log records this end in the period, or its interface is not known',
  'one-action': 'the flow log of this end holds ACCEPT only or REJECT only',
  skipdata: 'AWS lost records of this end at the time (SKIPDATA)',
  'never-captured': 'flow logs never capture this kind of traffic',
  'not-delivered':
    'the log of this end stops before: AWS has not delivered the rest yet, or the interface is gone',
  'not-begun': 'the log of this end begins later',
  hole: 'nothing shows that this end was logged at the time: its log has a hole (not even NODATA), or no times',
  'not-read': 'it is at the edge of the time whose records were read',
  'other-network':
    'another network may have this address: name the interface (eni-…) or the VPC (--vpc), or give --inventory',
  'other-addresses':
    'the other end may have further addresses, public or secondary ones: give its address, or --inventory',
  'hidden-address':
    'its interface has several addresses, and the log has no pkt-* fields to tell them apart: name the interface (eni-…)',
  beside: 'its records lie next to the time in question, and times are not exact',
  translated: 'the packets have or may have another source address there (NAT)',
} as const satisfies Readonly<Record<string, string>>;
export type Unobserved = keyof typeof UNOBSERVED;

/** A row of `flow_logs`, as far as it matters here. Null or left out: the record or its format does not have it. */
export interface FlowRow {
  readonly interface_id?: string | null;
  readonly resource_id?: string | null;
  readonly interface_type?: string | null;
  readonly vpc_id?: string | null;
  readonly subnet_id?: string | null;
  readonly az_id?: string | null;
  readonly srcaddr?: string | null;
  readonly dstaddr?: string | null;
  readonly pkt_srcaddr?: string | null;
  readonly pkt_dstaddr?: string | null;
  readonly srcport?: number | null;
  readonly dstport?: number | null;
  readonly protocol?: number | null;
  readonly packets?: number | null;
  readonly bytes?: number | null;
  /** Unix seconds, like `end`. */
  readonly start?: number | null;
  readonly end?: number | null;
  readonly action?: string | null;
  readonly log_status?: string | null;
  readonly tcp_flags?: number | null;
  readonly flow_direction?: string | null;
  readonly traffic_path?: number | null;
  readonly reject_reason?: string | null;
  readonly next_hop_interface_type?: string | null;
}

/** A row of `transit_gateway_flow_logs`, as far as it matters here. */
export interface TransitRow {
  readonly srcaddr?: string | null;
  readonly dstaddr?: string | null;
  readonly srcport?: number | null;
  readonly dstport?: number | null;
  readonly protocol?: number | null;
  readonly packets?: number | null;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly tgw_id?: string | null;
  readonly tgw_attachment_id?: string | null;
  readonly tgw_pair_attachment_id?: string | null;
  readonly tgw_src_vpc_id?: string | null;
  readonly tgw_dst_vpc_id?: string | null;
  readonly packets_lost_no_route?: number | null;
  readonly packets_lost_blackhole?: number | null;
  readonly packets_lost_mtu_exceeded?: number | null;
  readonly packets_lost_ttl_expired?: number | null;
}

/** One end of the traffic. */
export interface End {
  /** All addresses that packets of this end may show elsewhere, also secondary and public ones. */
  readonly addresses: readonly string[];
  /** What records of its own interfaces show, where that differs: the private address behind an Elastic IP. */
  readonly ownAddresses?: readonly string[];
  /**
   * Its interfaces; none for a host outside, or when nobody knows them. Several if a host has them, or if several targets
   * share a name; never those of different hosts that happen to have one address.
   */
  readonly interfaceIds: readonly string[];
  /** The subnets of its interfaces, where they are known from elsewhere than the records. */
  readonly subnetIds?: readonly string[];
  /** The VPCs of its interfaces, as far as they are known. */
  readonly vpcIds?: readonly string[];
}

/** A span of time, Unix seconds, both inclusive. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** What is known of the log of one interface that has any record in the period. */
export interface InterfaceLog {
  /** The actions that the flow logs of this interface hold at all, on any of their interfaces, all day. */
  readonly actions: ReadonlySet<string>;
  /** Where AWS lost records. */
  readonly skipped: readonly Interval[];
  /** Where the log has no record at all although AWS writes NODATA for idle interfaces: an object is missing. */
  readonly holes?: readonly Interval[];
  /** Unix seconds from which on the log has everything; left out if it begins before all that is asked about. */
  readonly completeFrom?: number;
  /** Unix seconds up to which the log has been delivered. */
  readonly completeUntil: number;
}

/** The traffic in question: who opens it, who should answer, and where. */
export interface Question {
  readonly source: End;
  readonly destination: End;
  /** IANA number. */
  readonly protocol: number;
  /** The port on the destination; undefined for all of them, and for protocols without ports. */
  readonly port?: number;
  readonly window: Interval;
  /** Points at which silence tells nothing, and why, because of what is not known of the ends themselves. */
  readonly blind?: Readonly<Partial<Record<Point, Unobserved>>>;
}

/** What is known of the traffic in question. */
export interface Evidence {
  /**
   * With this protocol and port: all records between the two ends, wherever they were made, and those of other clients at
   * the destination's interfaces. One aggregation interval (ten minutes) more than the window on both sides, because a
   * reply or a flag may come late.
   */
  readonly rows: readonly FlowRow[];
  /** The time of which all such records are here; left out if nothing was left out. */
  readonly fetched?: Interval;
  /** There were too many records of other clients of the destination to have all of them here. */
  readonly lacksClients?: boolean;
  /** Records of transit gateways between the two. */
  readonly transitRows?: readonly TransitRow[];
  /** By interface id. An interface without any record in the period is left out. */
  readonly logs: ReadonlyMap<string, InterfaceLog>;
}

/** What was seen of a point at one interface: tells which target or zone rejects, and when. */
export interface InterfaceView {
  readonly interfaceId: string;
  readonly azId: string | undefined;
  readonly accepted: TimedCount;
  readonly rejected: TimedCount;
}

/** Records, and the Unix seconds of the first and last packet; both undefined without records or times. */
export interface TimedCount {
  readonly records: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface PointObservation {
  readonly state: PointState;
  /** Set if and only if the state is `not-observed`. */
  readonly why?: Unobserved;
  readonly accepted: TimedCount;
  /** Without the late ones. */
  readonly rejected: TimedCount;
  /** Rejected packets of connections that this interface had accepted: they do not count for the state. */
  readonly late: TimedCount;
  /** Values of `reject-reason` other than `-`. */
  readonly rejectReasons: readonly string[];
  /** TCP flags of all records, combined by OR; undefined if no record has any. */
  readonly flags: number | undefined;
  readonly interfaces: readonly InterfaceView[];
  /** The records, the earliest first and without repetitions. */
  readonly records: readonly FlowRow[];
}
