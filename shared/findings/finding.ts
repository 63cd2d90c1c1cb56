/**
 * What is worth telling about one source object: a row of the `findings` table. Keys are the table's columns, in its
 * order (`finding-columns.ts` describes them); what the log does not say is absent. Counters stop at 2^53 - 1, so that
 * they fit a bigint column, JSON and a JavaScript number alike. Times are Unix seconds.
 */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity?: Severity;
  readonly meanings?: readonly Meaning[];
  readonly path?: ConnectionPath;
  readonly cause?: LossCause;
  readonly aws_account_id: string;
  readonly aws_region: string;
  readonly resource_type?: ResourceType;
  readonly resource_id?: string;
  readonly resources?: DistinctCount;
  readonly vpc_id?: string;
  readonly subnet_id?: string;
  readonly instance_id?: string;
  readonly interface_type?: string;
  readonly tgw_id?: string;
  readonly first_time?: number;
  readonly last_time?: number;
  readonly flows: number;
  readonly packets?: number;
  readonly bytes?: number;
  readonly skipped_seconds?: number;
  readonly refused_requests?: number;
  readonly refused_replies?: number;
  readonly late_packets?: number;
  readonly tcp_with_syn?: number;
  readonly tcp_without_syn?: number;
  readonly tcp_flags_unknown?: number;
  readonly reply_like?: number;
  readonly request_accepted?: number;
  readonly also_accepted?: number;
  readonly protocols?: readonly ProtocolCount[];
  readonly directions?: readonly DirectionCount[];
  readonly reject_reasons?: readonly ReasonCount[];
  readonly top_sources?: readonly TopSource[];
  readonly top_destinations?: readonly TopDestination[];
  readonly top_server_ports?: readonly TopServerPort[];
  readonly top_attachment_pairs?: readonly TopAttachmentPair[];
  readonly samples?: readonly string[];
  readonly source: string;
}

/** What happened: traffic was refused, AWS lost log data, a transit gateway dropped packets. */
export type FindingKind = 'REJECT' | 'SKIPDATA' | 'PACKET_LOSS';

/** Which troubleshooting case a connection is: from where to where it was opened. */
export const CONNECTION_PATHS = [
  'internet-to-subnet',
  'subnet-to-subnet',
  'subnet-to-internet',
  'on-premises',
  'aws-service',
  'unknown',
] as const;
export type ConnectionPath = (typeof CONNECTION_PATHS)[number];

/** Why a transit gateway dropped packets; each is a `packets-lost-…` field. */
export const LOSS_CAUSES = ['no-route', 'blackhole', 'mtu-exceeded', 'ttl-expired'] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

/** How much a finding matters, from least to most. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a finding may mean (`meaning-rules.ts` says when). The meaning of lost packets is the cause of their loss. */
export const MEANINGS = [
  'host-sweep',
  'port-scan',
  'public-service-rejected',
  'reply-rejected',
  'internal-service-rejected',
  'blocked-egress',
  'encryption-control',
  'block-public-access',
  'admin-port-probe',
  'late-packets',
  'background',
  'data-loss',
  ...LOSS_CAUSES,
] as const;
export type Meaning = (typeof MEANINGS)[number];

export type ResourceType = 'interface' | 'nat-gateway' | 'transit-gateway-attachment' | 'transit-gateway';

/** How many different values were seen, exact up to 64: `0`, `17`, `64`, `64+`. */
export type DistinctCount = string;

export interface ProtocolCount {
  /** IANA number. */
  readonly protocol: number;
  readonly flows: number;
}

export interface DirectionCount {
  readonly direction: string;
  readonly flows: number;
}

export interface ReasonCount {
  readonly reason: string;
  readonly flows: number;
}

/**
 * An entry of a top list, ranked by flows. The lists are Space-Saving summaries: `flows` is never too low and at most
 * `error` too high; with an `error` above 0 everything else about the entry counts only from when it was last taken in.
 */
interface TopEntry {
  readonly flows: number;
  readonly packets?: number;
  readonly error: number;
}

export interface TopSource extends TopEntry {
  readonly address: string;
  /** Own or own premises' address, not the internet's or an AWS service's; absent where nobody can tell. */
  readonly inside?: boolean;
  readonly bytes?: number;
  readonly server_ports: DistinctCount;
  readonly destinations: DistinctCount;
  readonly interfaces?: DistinctCount;
}

export interface TopDestination extends TopEntry {
  readonly address: string;
  readonly inside?: boolean;
  readonly bytes?: number;
}

/** Where the service of a connection is: at the resource that recorded the flow, or at the other end. */
export type ServiceSide = 'own' | 'peer' | 'unknown';

export interface TopServerPort {
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly port: number;
  readonly side: ServiceSide;
  readonly rejected_flows: number;
  readonly error: number;
  /** 0 also where a finding is not about one resource: there nobody counted. */
  readonly accepted_flows: number;
  readonly refused_requests: number;
  readonly refused_replies: number;
  readonly late_packets: number;
  readonly clients: DistinctCount;
  readonly servers: DistinctCount;
  /** The server, if there is just one. */
  readonly server?: string;
}

export interface TopAttachmentPair extends TopEntry {
  readonly pair_attachment_id?: string;
  readonly source_vpc_id?: string;
  readonly destination_vpc_id?: string;
}
