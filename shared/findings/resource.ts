import type { RecordView } from '../flow-log/format.ts';
import { isAccountId, isRegion } from '../lake/source-key.ts';
import type { FindingColumns } from './columns.ts';
import type { ResourceType } from './finding.ts';
import { hashToken, isMissing, textOf } from './token.ts';

const NOT_NUMBERED = -1;

/** What recorded flows, with what the log says about it. */
export interface Resource {
  /** Its number in the object's table; -1 if it is in none. */
  readonly number: number;
  readonly type: ResourceType;
  readonly id: string;
  /** Hash of the id, to count resources. */
  readonly hash: number;
  accountId?: string;
  region?: string;
  vpcId?: string;
  subnetId?: string;
  instanceId?: string;
  interfaceType?: string;
  tgwId?: string;
}

/** The column that names a record's resource: what is most exact and not missing; -1 if nothing does. */
export function resourceColumn(record: RecordView, columns: FindingColumns): number {
  if (!isMissing(record, columns.interfaceId)) return columns.interfaceId;
  // A regional NAT gateway has no interface.
  if (!isMissing(record, columns.resourceId)) return columns.resourceId;
  if (!isMissing(record, columns.attachmentId)) return columns.attachmentId;
  return isMissing(record, columns.tgwId) ? -1 : columns.tgwId;
}

/** The resource that the record's value in `column` names, with what the record says about it. */
export function resourceOf(
  record: RecordView,
  columns: FindingColumns,
  column: number,
  number = NOT_NUMBERED,
): Resource {
  const resource: Resource = {
    number,
    type: typeOf(columns, column),
    id: textOf(record, column) ?? '',
    hash: hashToken(record, column),
  };
  completeResource(resource, record, columns);
  return resource;
}

function typeOf(columns: FindingColumns, column: number): ResourceType {
  if (column === columns.interfaceId) return 'interface';
  if (column === columns.resourceId) return 'nat-gateway';
  return column === columns.attachmentId ? 'transit-gateway-attachment' : 'transit-gateway';
}

/** Adds what the record says about its resource and was not known yet. */
export function completeResource(resource: Resource, record: RecordView, columns: FindingColumns): void {
  for (const fact of FACTS) {
    if (resource[fact] !== undefined) continue;
    const text = textOf(record, columns[fact]);
    if (text !== undefined) resource[fact] = text;
  }
}

type Fact = Exclude<keyof Resource, 'number' | 'type' | 'id' | 'hash'>;

/** What a resource's records may say about it; the columns have the same names. */
const FACTS: readonly Fact[] = [
  'accountId',
  'region',
  'vpcId',
  'subnetId',
  'instanceId',
  'interfaceType',
  'tgwId',
];

/** The keys of a finding that say which resource it is about, where the log does. */
export function describeResource(resource: Resource | undefined) {
  return {
    resource_type: resource?.type,
    resource_id: resource?.id,
    vpc_id: resource?.vpcId,
    subnet_id: resource?.subnetId,
    instance_id: resource?.instanceId,
    interface_type: resource?.interfaceType,
    tgw_id: resource?.tgwId,
  };
}

/** Account and Region of a finding: what is known of the source object, else what the resource's records say. */
export function ownerOf(
  { accountId, region }: { readonly accountId: string; readonly region: string },
  resource: Resource | undefined,
): { accountId: string; region: string } {
  const recordAccount = resource?.accountId ?? '';
  const recordRegion = resource?.region ?? '';
  return {
    accountId: isAccountId(accountId) || !isAccountId(recordAccount) ? accountId : recordAccount,
    region: isRegion(region) || !isRegion(recordRegion) ? region : recordRegion,
  };
}

/** So many resources of an object are told apart. It is a power of two, so that a number of one fits 14 bits. */
export const MOST_RESOURCES = 16_384;
/** Most objects have few, so the table starts with room for these and doubles as it fills. */
const FIRST_RESOURCES = 64;
const WORD_BYTES = 4;

/** The resources of an object, numbered from 0 in order of appearance. */
export interface ResourceTable {
  /** The number of the resource that the record's value in `column` names; -1 if there are too many to know it. */
  numberOf(record: RecordView, column: number): number;
  /** The resource of a number, described from its first record and all that came to `describe`. */
  at(number: number): Resource;
  /** Takes from a record that describes traffic what is not known of its resource yet. */
  describe(number: number, record: RecordView): void;
  /** Whether only records that describe no traffic, and therefore often lack facts, have named the resource so far. */
  isBare(number: number): boolean;
}

/**
 * Starts a table of resources. Resources are found by two independent hashes of their id, without decoding it: the
 * table is asked for every record.
 */
export function createResourceTable(columns: () => FindingColumns): ResourceTable {
  let room = FIRST_RESOURCES;
  /** A hash table with linear probing, never more than half full. */
  let numbers = new Int32Array(room * 2).fill(NOT_NUMBERED);
  let firstHashes = new Int32Array(room);
  let secondHashes = new Int32Array(room);
  let bare = new Uint8Array(room);
  const resources: Resource[] = [];

  function numberOf(record: RecordView, column: number): number {
    const { data } = record;
    const start = record.tokenStart[column]!;
    const last = record.tokenEnd[column]! - WORD_BYTES;
    if (last < start) return find(record, column, hashToken(record, column), 0);
    let first = last - start;
    let second = 0;
    for (let at = start; at < last; at += WORD_BYTES) {
      const word = data.getInt32(at, true);
      first = Math.imul(first ^ word, 0x9e3779b1);
      first ^= first >>> 15;
      second = ((second << 7) | (second >>> 25)) + word;
    }
    // The last word may overlap the one before.
    const word = data.getInt32(last, true);
    first = Math.imul(first ^ word, 0x9e3779b1);
    first ^= first >>> 15;
    return find(record, column, first, (((second << 7) | (second >>> 25)) + word) | 0);
  }

  function find(record: RecordView, column: number, first: number, second: number): number {
    let place = first & (numbers.length - 1);
    for (;;) {
      const number = numbers[place]!;
      if (number === NOT_NUMBERED) return add(record, column, first, second);
      if (firstHashes[number] === first && secondHashes[number] === second) return number;
      place = (place + 1) & (numbers.length - 1);
    }
  }

  function add(record: RecordView, column: number, first: number, second: number): number {
    const number = resources.length;
    if (number === MOST_RESOURCES) return NOT_NUMBERED;
    if (number === room) grow();
    firstHashes[number] = first;
    secondHashes[number] = second;
    enter(number);
    bare[number] = 1;
    resources.push(resourceOf(record, columns(), column, number));
    return number;
  }

  /** Enters a number that is not in the table yet. */
  function enter(number: number): void {
    let place = firstHashes[number]! & (numbers.length - 1);
    while (numbers[place] !== NOT_NUMBERED) place = (place + 1) & (numbers.length - 1);
    numbers[place] = number;
  }

  function grow(): void {
    const [firsts, seconds, bares] = [firstHashes, secondHashes, bare];
    room *= 2;
    firstHashes = new Int32Array(room);
    secondHashes = new Int32Array(room);
    bare = new Uint8Array(room);
    firstHashes.set(firsts);
    secondHashes.set(seconds);
    bare.set(bares);
    numbers = new Int32Array(room * 2).fill(NOT_NUMBERED);
    for (let number = 0; number < resources.length; number++) enter(number);
  }

  return {
    numberOf,
    at: (number) => resources[number]!,
    describe(number, record) {
      bare[number] = 0;
      completeResource(resources[number]!, record, columns());
    },
    isBare: (number) => bare[number] === 1,
  };
}
