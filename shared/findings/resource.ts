import type { RecordView } from '../flow-log/format.ts';
import { isAccountId, isRegion } from '../lake/source-key.ts';
import type { FindingColumns } from './columns.ts';
import type { ResourceType } from './finding.ts';
import { textOf } from './token.ts';

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
  /** The columns of a format of which there is nothing more to learn about it. */
  completeFor?: FindingColumns;
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
    hash: record.hashOf(column),
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
  if (resource.completeFor === columns) return;
  let isComplete = true;
  for (const fact of FACTS) {
    if (resource[fact] !== undefined || columns[fact] < 0) continue;
    const text = textOf(record, columns[fact]);
    if (text === undefined) isComplete = false;
    else resource[fact] = text;
  }
  if (isComplete) resource.completeFor = columns;
}

type Fact = Exclude<keyof Resource, 'number' | 'type' | 'id' | 'hash' | 'completeFor'>;

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
