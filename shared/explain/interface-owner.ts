/** Whom a network interface belongs to, as far as EC2 tells: services write it into its type and its description. */

export type InterfaceKind =
  | 'load-balancer'
  | 'nat-gateway'
  | 'vpc-endpoint'
  | 'transit-gateway'
  | 'lambda'
  | 'rds'
  | 'elasticache'
  | 'efs'
  | 'ecs-task'
  | 'instance'
  | 'other';

/** What EC2 says about an interface; left out where it says nothing. */
export interface InterfaceTraits {
  /** `InterfaceType`. */
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  /** The instance that it is attached to. */
  readonly instanceId?: string | undefined;
  /** The tag `Name`. */
  readonly nameTag?: string | undefined;
}

/** An interface's kind, and its name for people if it has any. */
export interface InterfaceOwner {
  readonly kind: InterfaceKind;
  readonly name: string | undefined;
}

interface Service {
  readonly kind: InterfaceKind;
  /** Its name for people, before the name of the one resource. */
  readonly title: string;
  /** Values of `InterfaceType` that only this service has. */
  readonly types?: readonly string[];
  /** What it writes into the description; the group is the name of the one resource. */
  readonly description: RegExp;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/**
 * Types are those of "NetworkInterface" (Amazon EC2 API Reference). AWS does not promise the descriptions, but has kept
 * them for years.
 */
const SERVICES: readonly Service[] = [
  {
    kind: 'load-balancer',
    title: 'load balancer',
    types: ['load_balancer', 'network_load_balancer', 'gateway_load_balancer'],
    // ELB app/web/50dc6c495c0c9188, or for a Classic Load Balancer: ELB web
    description: /^ELB ((?:app|net|gwy)\/[^/]+|[^/]+)/,
  },
  {
    kind: 'nat-gateway',
    title: 'NAT gateway',
    types: ['nat_gateway'],
    description: /^Interface for NAT Gateway (nat-\w+)/,
  },
  {
    kind: 'vpc-endpoint',
    title: 'VPC endpoint',
    types: ['vpc_endpoint', 'gateway_load_balancer_endpoint'],
    description: /^VPC Endpoint Interface:? (vpce-\w+)/,
  },
  {
    kind: 'transit-gateway',
    title: 'transit gateway attachment',
    types: ['transit_gateway'],
    description: /^Network Interface for Transit Gateway Attachment (tgw-attach-\w+)/,
  },
  {
    kind: 'lambda',
    title: 'Lambda function',
    types: ['lambda'],
    // AWS Lambda VPC ENI-checkout-30bb1fd5-e726-4d80-9ff2-52fd62cd548c; formerly without the name: … ENI: 30bb1fd5-…
    description: new RegExp(`^AWS Lambda VPC ENI(?:(?:-|: )(?!${UUID})(.+?)(?:-${UUID})?$)?`),
  },
  // Aurora, Neptune and DocumentDB describe their interfaces so too.
  { kind: 'rds', title: 'RDS-managed database', description: /^RDSNetworkInterface$/ },
  { kind: 'rds', title: 'RDS proxy', description: /^Network interface for DBProxy (.+)$/ },
  { kind: 'elasticache', title: 'ElastiCache', description: /^ElastiCache[ +](.+)$/ },
  { kind: 'efs', title: 'EFS', types: ['efs'], description: /^EFS mount target for (fs-\w+)/ },
];

/** A task's interface may hang on the instance that runs it. */
const ECS_TASK: Service = { kind: 'ecs-task', title: 'ECS task', description: /^arn:aws[\w-]*:ecs:/ };

/** Finds out whom an interface belongs to. */
export function ownerOf({ type, description = '', instanceId, nameTag }: InterfaceTraits): InterfaceOwner {
  // People describe interfaces of instances as they like, also as "ELB test".
  const describing = [ECS_TASK, ...(instanceId === undefined ? SERVICES : [])];
  const service =
    SERVICES.find(({ types }) => type !== undefined && types?.includes(type)) ??
    describing.find((each) => each.description.test(description));
  if (service !== undefined) {
    const name = service.description.exec(description)?.[1] ?? nameTag;
    return { kind: service.kind, name: name === undefined ? service.title : `${service.title} ${name}` };
  }
  if (instanceId !== undefined) return { kind: 'instance', name: nameTag ?? instanceId };
  return { kind: 'other', name: nameTag ?? (description || undefined) };
}
