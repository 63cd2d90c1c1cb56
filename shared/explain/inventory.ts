/**
 * What the EC2 API knows and flow logs do not: names, secondary and public addresses, and which flow logs there are.
 * Sources: "NetworkInterface" and "FlowLog" (Amazon EC2 API Reference).
 */

import * as z from 'zod/mini';
import { QueryError } from '../../athena/query-error.ts';
import { canonicalAddress } from '../addresses.ts';
import { excerpt, PermanentError } from '../errors.ts';
import { formatOfSetting } from '../flow-log/header.ts';
import { type InterfaceKind, ownerOf } from './interface-owner.ts';

export type { InterfaceKind };

/** A network interface. Undefined: the API does not say, or there is none. Addresses are as {@link canonicalAddress}. */
export interface KnownInterface {
  readonly interfaceId: string;
  readonly kind: InterfaceKind;
  /** For people: "load balancer app/web", "Lambda function checkout", the tag `Name`, the id of the instance. */
  readonly name: string | undefined;
  readonly accountId: string | undefined;
  readonly vpcId: string | undefined;
  readonly subnetId: string | undefined;
  readonly azId: string | undefined;
  readonly availabilityZone: string | undefined;
  readonly instanceId: string | undefined;
  /** The private IPv4 address that `srcaddr` and `dstaddr` show for all of its IPv4 addresses. */
  readonly primaryAddress: string | undefined;
  /** All private IPv4 and all IPv6 addresses, the primary one first. */
  readonly addresses: readonly string[];
  /**
   * Public IPv4 addresses, Elastic IPs among them, each with the private one that stands for it in records of this
   * interface, which never show it.
   */
  readonly publicAddresses: ReadonlyMap<string, string>;
}

export interface KnownFlowLog {
  readonly flowLogId: string;
  /** An interface, subnet, VPC, transit gateway, attachment or regional NAT gateway. */
  readonly resourceId: string;
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL';
  /** The names of its fields in their order; undefined if they are not told or no format. */
  readonly format: readonly string[] | undefined;
  /** The longest aggregation interval. */
  readonly intervalSeconds: 60 | 600 | undefined;
  readonly isActive: boolean;
  /** Where AWS delivers it: the ARN of a bucket and folder, log group or stream; a log group may have its name only. */
  readonly destination: string | undefined;
  /** Why AWS cannot deliver it. */
  readonly problem: string | undefined;
}

export interface Inventory {
  /** By interface id. */
  readonly interfaces: ReadonlyMap<string, KnownInterface>;
  readonly flowLogs: readonly KnownFlowLog[];
  /**
   * Whether any flow logs were given, be it none of them. They may be of one account or Region only: the API does not
   * say which, so an interface without a flow log here may still have one.
   */
  readonly knowsFlowLogs: boolean;
}

/** A file that is no inventory. The message names the file and says how to make the right ones. */
export class InventoryError extends QueryError {}

/** The commands whose output is an inventory. */
export const INVENTORY_COMMANDS = [
  'aws ec2 describe-network-interfaces --output json',
  'aws ec2 describe-flow-logs --output json',
] as const;

const HOW_TO =
  `Save the output of ${INVENTORY_COMMANDS.map((command) => `"${command}"`).join(' and of ')}, ` +
  'each account and Region in files of its own, and name them all.';

const text = z.optional(z.string());
const address = z.pipe(
  z.string(),
  z.transform((given, context) => {
    const canonical = canonicalAddress(given);
    if (canonical !== undefined) return canonical;
    context.issues.push({ code: 'custom', input: given });
    return z.NEVER;
  }),
);
const association = z.optional(z.object({ PublicIp: z.optional(address) }));

const networkInterface = z.object({
  NetworkInterfaceId: z.string().check(z.regex(/^eni-/)),
  InterfaceType: text,
  Description: text,
  OwnerId: text,
  VpcId: text,
  SubnetId: text,
  AvailabilityZone: text,
  AvailabilityZoneId: text,
  Attachment: z.optional(z.object({ InstanceId: text })),
  Association: association,
  PrivateIpAddress: z.optional(address),
  PrivateIpAddresses: z._default(
    z.array(z.object({ PrivateIpAddress: z.optional(address), Association: association })),
    [],
  ),
  Ipv6Addresses: z._default(z.array(z.object({ Ipv6Address: address })), []),
  TagSet: z._default(z.array(z.object({ Key: z.string(), Value: text })), []),
});

const flowLog = z.object({
  FlowLogId: z.string().check(z.regex(/^fl-/)),
  ResourceId: z.string(),
  // Flow logs of transit gateways have no type: they hold everything.
  TrafficType: z._default(z.enum(['ACCEPT', 'REJECT', 'ALL']), 'ALL'),
  LogFormat: text,
  MaxAggregationInterval: z.catch(z.optional(z.literal([60, 600])), undefined),
  LogDestination: text,
  LogGroupName: text,
  FlowLogStatus: text,
  DeliverLogsStatus: text,
  DeliverLogsErrorMessage: text,
});

const inventoryFile = z.object({
  NetworkInterfaces: z.optional(z.array(networkInterface)),
  FlowLogs: z.optional(z.array(flowLog)),
});
type InventoryFile = z.infer<typeof inventoryFile>;

/**
 * Reads the JSON of `aws ec2 describe-network-interfaces` and `aws ec2 describe-flow-logs`: any number of pages, accounts
 * and Regions in any order, told apart by their key.
 *
 * @throws InventoryError that names the file, what is wrong with it, and the two commands.
 */
export function parseInventory(
  files: readonly { readonly name: string; readonly text: string }[],
): Inventory {
  const parsed = files.map(parseFile);
  // What is in several files is there as the later one has it: people add the newer output behind the older one.
  return {
    interfaces: new Map(
      parsed
        .flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces.map(knownInterface))
        .map((known) => [known.interfaceId, known]),
    ),
    flowLogs: [
      ...new Map(
        parsed
          .flatMap(({ FlowLogs = [] }) => FlowLogs.map(knownFlowLog))
          .map((known) => [known.flowLogId, known]),
      ).values(),
    ],
    knowsFlowLogs: parsed.some(({ FlowLogs }) => FlowLogs !== undefined),
  };
}

/** The interfaces that have an address, a private or a public one, however its text is written. */
export function interfacesWithAddress(inventory: Inventory, address: string): KnownInterface[] {
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return [];
  return [...inventory.interfaces.values()].filter(
    ({ addresses, publicAddresses }) => addresses.includes(canonical) || publicAddresses.has(canonical),
  );
}

/** The flow logs that record an interface: its own, its subnet's and its VPC's; also those that are not active. */
export function flowLogsOf(
  { flowLogs }: Inventory,
  { interfaceId, subnetId, vpcId }: KnownInterface,
): KnownFlowLog[] {
  return flowLogs.filter(({ resourceId }) => [interfaceId, subnetId, vpcId].includes(resourceId));
}

function parseFile({ name, text }: { readonly name: string; readonly text: string }): InventoryFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InventoryError(`${name} is not one JSON document. ${HOW_TO}`);
  }
  const { success, data, error } = z.safeParse(inventoryFile, json);
  const path = error?.issues[0]?.path ?? [];
  if (path.length > 0) {
    throw new InventoryError(
      `${name} is no inventory: ${placeOf(path)} is ${valueAt(json, path)}. ${HOW_TO}`,
    );
  }
  if (!success || (data.NetworkInterfaces === undefined && data.FlowLogs === undefined)) {
    throw new InventoryError(`${name} has neither NetworkInterfaces nor FlowLogs at its top. ${HOW_TO}`);
  }
  return data;
}

function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .slice(1);
}

function valueAt(json: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((within, key) => (within as Record<PropertyKey, unknown>)?.[key], json);
  return value === undefined ? 'missing' : `${excerpt(JSON.stringify(value))}, which AWS does not write`;
}

function knownInterface(item: z.infer<typeof networkInterface>): KnownInterface {
  const { Attachment, Association, PrivateIpAddress, PrivateIpAddresses, Ipv6Addresses, TagSet } = item;
  const nameTag = TagSet.find(({ Key }) => Key === 'Name')?.Value || undefined;
  const instanceId = Attachment?.InstanceId;
  const associated = [{ PrivateIpAddress, Association }, ...PrivateIpAddresses].flatMap((each) => {
    const [own, outside] = [each.PrivateIpAddress ?? PrivateIpAddress, each.Association?.PublicIp];
    return own === undefined || outside === undefined ? [] : [[outside, own] as const];
  });
  return {
    interfaceId: item.NetworkInterfaceId,
    ...ownerOf({ type: item.InterfaceType, description: item.Description, instanceId, nameTag }),
    accountId: item.OwnerId,
    vpcId: item.VpcId,
    subnetId: item.SubnetId,
    azId: item.AvailabilityZoneId,
    availabilityZone: item.AvailabilityZone,
    instanceId,
    primaryAddress: PrivateIpAddress,
    addresses: distinct([
      PrivateIpAddress,
      ...PrivateIpAddresses.map((each) => each.PrivateIpAddress),
      ...Ipv6Addresses.map((each) => each.Ipv6Address),
    ]),
    publicAddresses: new Map(associated),
  };
}

function knownFlowLog(item: z.infer<typeof flowLog>): KnownFlowLog {
  const hasFailed = item.DeliverLogsStatus === 'FAILED';
  return {
    flowLogId: item.FlowLogId,
    resourceId: item.ResourceId,
    trafficType: item.TrafficType,
    format: item.LogFormat === undefined ? undefined : fieldNames(item.LogFormat),
    intervalSeconds: item.MaxAggregationInterval,
    isActive: item.FlowLogStatus === 'ACTIVE',
    destination: item.LogDestination ?? item.LogGroupName,
    problem: item.DeliverLogsErrorMessage ?? (hasFailed ? 'AWS does not say why' : undefined),
  };
}

/** The fields of a flow log, also those that AWS has added since and those of transit gateways. */
function fieldNames(logFormat: string): readonly string[] | undefined {
  try {
    return formatOfSetting(logFormat).columns.map(({ name }) => name);
  } catch (error) {
    // Nobody asks for this format: its records tell by their header what they are.
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
