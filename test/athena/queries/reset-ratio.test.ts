import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const SYN = 2;
const RST = 4;
const SYN_ACK = 18;

/** Both directions of a connection from a client's port, with the flags that each sent. */
function connection(client: number, forth: number, back: number, fields: LakeRecord = {}): LakeRecord[] {
  const { dstport = 443, ...both } = fields;
  return [
    flow({ srcport: client, dstport, tcp_flags: forth, ...both }),
    flow({
      srcaddr: '10.0.0.2',
      dstaddr: '10.0.0.1',
      srcport: dstport,
      dstport: client,
      tcp_flags: back,
      ...both,
    }),
  ];
}

/** `refused, aborted by server, aborted by client` of each row. */
async function resets(): Promise<unknown[]> {
  const rows = await ask('reset-ratio', { params: { min_connections: '0' } });
  return rows.map((row) => [row.refused, row.aborted_by_server, row.aborted_by_client]);
}

test('tells refused, aborted and other connections of a server and port apart, the worst ratio first', async () => {
  await plant([
    ...connection(40_001, SYN, SYN_ACK),
    ...connection(40_002, SYN, RST),
    ...connection(40_003, SYN, SYN_ACK | RST),
    ...connection(40_004, SYN | RST, SYN_ACK, { start: FIVE_O_CLOCK + 3600, end: FIVE_O_CLOCK + 3660 }),
    ...connection(40_005, SYN, SYN_ACK),
    ...connection(40_006, SYN, RST, { dstport: 22 }),
  ]);
  expect(await ask('reset-ratio', { params: { min_connections: '1' } })).toEqual([
    expect.objectContaining({ port: 22, service: 'ssh', connections: 1, refused: 1, reset_percent: 100 }),
    {
      server: '10.0.0.2',
      port: 443,
      service: 'https',
      clients: 1,
      connections: 5,
      refused: 1,
      aborted_by_server: 1,
      aborted_by_client: 1,
      reset_percent: 60,
      first_reset: '2026-11-20T05:00:00Z',
      last_reset: '2026-11-20T06:01:00Z',
    },
  ]);
  expect(await ask('reset-ratio')).toMatchObject([{ port: 443 }]);
});

test('a connection that both ends and two flow logs record, in several intervals, counts once', async () => {
  const records = (interface_id: string) => [
    ...connection(40_001, SYN, SYN_ACK, { interface_id }),
    ...connection(40_001, 0, 0, { interface_id, start: FIVE_O_CLOCK + 60 }),
    ...connection(40_001, 0, RST, { interface_id, start: FIVE_O_CLOCK + 120 }),
  ];
  await plant([...records('eni-1'), ...records('eni-2')], objectOf('fl-0a'));
  await plant([...records('eni-1'), ...records('eni-2')], objectOf('fl-0b'));
  expect(await ask('reset-ratio', { params: { min_connections: '0' } })).toMatchObject([
    { connections: 1, aborted_by_server: 1, refused: 0 },
  ]);
});

test.each<[string, LakeRecord[], [number, number, number]]>([
  ['a reset of a connection that was open before is an abort', connection(40_001, 0, RST), [0, 1, 0]],
  ['a reset of both ends is the server’s', connection(40_001, SYN | RST, SYN_ACK | RST), [0, 1, 0]],
  ['a refusal and the client’s own reset is a refusal', connection(40_001, SYN | RST, RST), [1, 0, 0]],
  ['a client that gives up aborts', [flow({ tcp_flags: SYN | RST })], [0, 0, 1]],
  [
    'a server’s high port is told by the SYN',
    connection(40_001, SYN, RST, { dstport: 50_051 }).reverse(),
    [1, 0, 0],
  ],
])('%s', async (_, records, counts) => {
  await plant(records);
  expect(await resets()).toEqual([counts]);
});

test.each<[string, LakeRecord[]]>([
  ['connections without a reset', connection(40_001, SYN | 1, SYN_ACK | 1)],
  ['resets that were rejected', [flow({ tcp_flags: RST, action: 'REJECT' })]],
  ['formats without TCP flags', [flow({})]],
  ['UDP', [flow({ protocol: 17, tcp_flags: RST })]],
  [
    'what a NAT gateway refuses under its own address',
    connection(40_001, SYN, RST, { interface_type: 'nat_gateway' }),
  ],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await resets()).toEqual([]);
});

test('a refusal is one although the source port had served another connection before', async () => {
  const later = { start: FIVE_O_CLOCK + 600, end: FIVE_O_CLOCK + 605 };
  await plant([
    ...connection(40_001, SYN | 1, SYN_ACK | 1),
    ...connection(40_001, SYN, RST).map((each) => ({ ...each, ...later })),
  ]);
  expect(await resets()).toEqual([[1, 0, 0]]);
});
