/** A lake with what a test plants, and `explain` over it. */

import { afterEach, beforeEach } from 'vitest';
import { type Asked, type Investigation, investigate } from '../../../athena/explain/investigate.ts';
import { openLake } from '../../../local/duckdb.ts';
import { parseInventory } from '../../../shared/explain/inventory.ts';
import { emptyLake, type LakeRecord, writeRecords } from '../../local/lake-fixture.ts';

export const NOON = Date.UTC(2026, 10, 20, 12) / 1000;
export const HOUR = 3600;

let lake: Awaited<ReturnType<typeof emptyLake>>;
let planted = 0;

/** Gives each test of the file a lake of its own. */
export function useLake(): void {
  beforeEach(async () => {
    lake = await emptyLake();
  });
  afterEach(() => lake.remove());
}

/** A record of a TCP request from A (10.0.1.5, eni-…a) to B (10.0.2.7, eni-…b), port 5432, as A's side sends it. */
export function record(changes: LakeRecord = {}): LakeRecord {
  return {
    ...{ version: 5, account_id: '111122223333', interface_id: 'eni-0000000a', vpc_id: 'vpc-1' },
    ...{ subnet_id: 'subnet-a', srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', srcport: 40_000, dstport: 5432 },
    ...{ protocol: 6, packets: 3, bytes: 180, start: NOON, end: NOON + 5, action: 'ACCEPT' },
    ...{ log_status: 'OK', tcp_flags: 2, flow_direction: 'egress' },
    ...changes,
  };
}
export const P1 = (changes: LakeRecord = {}) => record(changes);
export const P2 = (changes: LakeRecord = {}) =>
  record({ interface_id: 'eni-0000000b', subnet_id: 'subnet-b', flow_direction: 'ingress', ...changes });

/** Traffic that shows that a flow log is there, from early to late without a hole, and that it holds both actions. */
export function busy(interfaceId: string, address: string, changes: LakeRecord = {}): LakeRecord[] {
  const times = Array.from({ length: 61 }, (_, index) => NOON - 2 * HOUR + index * 240);
  return times.flatMap((start) =>
    ['ACCEPT', 'REJECT'].map((action, peer) =>
      record({
        ...{
          interface_id: interfaceId,
          srcaddr: address,
          dstaddr: `10.9.9.${peer + 1}`,
          dstport: 443,
          action,
        },
        ...{ start, end: start + 60, ...changes },
      }),
    ),
  );
}
export const BUSY_A = busy('eni-0000000a', '10.0.1.5');
export const BUSY_B = busy('eni-0000000b', '10.0.2.7', { subnet_id: 'subnet-b' });

/** Writes records as a flow log delivers them. */
export async function plant(
  records: readonly LakeRecord[],
  options: { flowLog?: string; table?: string; account?: string } = {},
): Promise<void> {
  planted += 1;
  const { flowLog = 'fl-0a' } = options;
  const name = `111122223333-vpcflowlogs-eu-west-1-${flowLog}-20261120T1200Z-${planted}-abc`;
  await writeRecords(lake.folder, records, { account: '111122223333', ...options, name });
}

export interface Given extends Partial<Omit<Asked, 'narrowing'>> {
  readonly vpcs?: readonly string[];
  readonly inventory?: readonly object[];
  readonly now?: number;
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
}

/** Asks about A, B, port 5432 and the hour around noon, unless told otherwise. */
export async function ask({
  vpcs = [],
  inventory = [],
  hosts = {},
  now = NOON + 24 * HOUR,
  ...asked
}: Given = {}): Promise<Investigation> {
  const engine = await openLake(lake.folder);
  try {
    return await investigate(
      {
        ...{ source: '10.0.1.5', destination: '10.0.2.7', protocol: 6, port: 5432 },
        ...{ since: NOON - HOUR / 2, until: NOON + HOUR / 2 },
        narrowing: { accounts: [], regions: [], vpcs },
        ...asked,
      },
      {
        engine,
        inventory: parseInventory(
          inventory.map((each, index) => ({ name: `${index}.json`, text: JSON.stringify(each) })),
        ),
        resolve: async (host) => {
          if (hosts[host] === undefined) throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
          return hosts[host];
        },
        now,
      },
    );
  } finally {
    engine.close();
  }
}

/** Who and whom, with the rule that answers. */
export const rules = ({ pairs }: Investigation) =>
  pairs.map(({ source, destination, explanation }) => [source.name, destination.name, explanation.rule]);
/** The explanation of the only pair. */
export const only = ({ pairs }: Investigation) => pairs[0]!.explanation;
