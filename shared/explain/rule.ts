import type { Point, PointState } from './observation.ts';
import type { Situation, Traffic } from './situation.ts';

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** `cannot-tell`: several causes fit what was seen, and the verdict names them. */
export type Outcome = 'works' | 'fails' | 'intermittent' | 'cannot-tell';

/** The values that each field may have; a field that is left out may have any. */
export type Condition = { readonly [Field in keyof Situation]?: readonly Situation[Field][] };

export interface Rule {
  readonly id: string;
  readonly outcome: Outcome;
  /** One of these has to hold. */
  readonly when: readonly Condition[];
  readonly verdict: string;
  readonly confidence: Confidence;
  /** The points that the verdict makes a claim about. All of them are observed wherever the rule applies. */
  readonly asserts: readonly Point[];
  /** What to check next, the likeliest first. */
  readonly next: readonly string[];
  /** What flow logs cannot show here. */
  readonly hidden: readonly string[];
  /** Why the condition means the verdict. */
  readonly reason: string;
  /** Title of the page that the reason rests on. */
  readonly source: string;
}

// What several rules ask for, rest on and say.

export const SEEN: readonly PointState[] = ['accept', 'reject', 'both'];
export const PASSED: readonly PointState[] = ['accept', 'both'];
export const NONE: readonly PointState[] = ['absent', 'not-observed'];

export const STALLED: readonly Traffic[] = ['unanswered', 'cannot-tell'];
export const COMPLETED: readonly Traffic[] = ['completed', 'aborted'];
/** Traffic whose packets do not show by themselves that they answer others. */
export const UNCLEAR: readonly Traffic[] = ['existing', 'udp', 'icmp', 'other'];

export const RECORDS = 'Flow log records (Amazon VPC User Guide)';
export const EXAMPLES = 'Flow log record examples (Amazon VPC User Guide)';
export const LIMITATIONS = 'Flow log limitations (Amazon VPC User Guide)';
export const NETWORK_ACLS = 'Control traffic to subnets using network ACLs (Amazon VPC User Guide)';
export const SECURITY_GROUPS = 'Amazon EC2 security group connection tracking (Amazon EC2 User Guide)';
export const ROUTES = 'Configure route tables (Amazon VPC User Guide)';
export const TRANSIT = 'AWS Transit Gateway Flow Logs (Transit gateways guide)';
export const BLOCK_PUBLIC_ACCESS = 'Assess impact of VPC BPA and monitor VPC BPA (Amazon VPC User Guide)';
export const ENCRYPTION_CONTROLS = 'Enforce VPC encryption in transit (Amazon VPC User Guide)';

export const RULE_NAME = 'Which filter rejected and which of its rules: AWS logs REJECT alike for all.';
export const BEYOND_HANDSHAKE = 'Packet loss, latency, MTU black holes, TLS and DNS.';
export const HOST = 'What happens inside of the host: its firewall, its listening sockets, its own routes.';
export const ROUTE_TABLES = 'Which route, peering connection or appliance dropped the packets.';
export const UNSEEN = 'What happens at a point that is not observed.';
export const NO_TYPES =
  'ICMP type and code: requests, replies and errors look alike, and so do pings of either side.';
