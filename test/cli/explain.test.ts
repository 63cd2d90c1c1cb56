import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QueryEngine, QueryResult } from '../../athena/query-engine.ts';
import { openLake } from '../../local/duckdb.ts';
import { emptyLake, type LakeRecord, writeRecords } from '../local/lake-fixture.ts';
import { type AthenaRequest, athenaStandIn } from './athena-stand-in.ts';
import { runFlowlogs } from './run-flowlogs.ts';

const NOON = Date.UTC(2026, 10, 20, 12) / 1000;

/** A request from 10.0.1.5 to 10.0.2.7, port 5432, as the source's interface sees it. */
function record(changes: LakeRecord): LakeRecord {
  return {
    ...{ interface_id: 'eni-0000000a', vpc_id: 'vpc-1', subnet_id: 'subnet-a', az_id: 'euw1-az1' },
    ...{ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', srcport: 40_000, dstport: 5432, protocol: 6 },
    ...{ packets: 3, bytes: 180, start: NOON, end: NOON + 5, action: 'ACCEPT', log_status: 'OK' },
    ...{ tcp_flags: 2, flow_direction: 'egress' },
    ...changes,
  };
}
const AT_TARGET = {
  ...{ interface_id: 'eni-0000000b', subnet_id: 'subnet-b', az_id: 'euw1-az2', flow_direction: 'ingress' },
};
const LATER = { srcport: 40_001, start: NOON + 1800, end: NOON + 1860 };

let lake: Awaited<ReturnType<typeof emptyLake>>;
beforeAll(async () => {
  lake = await emptyLake();
  await writeRecords(lake.folder, [
    record({}),
    record(LATER),
    record({ ...AT_TARGET, action: 'REJECT' }),
    record({ ...AT_TARGET, ...LATER, action: 'REJECT' }),
    // The same address in another VPC.
    ...[NOON, NOON + 60].map((start) =>
      record({
        ...{ interface_id: 'eni-0000000c', srcaddr: '10.0.9.9', vpc_id: 'vpc-2', start, end: start + 60 },
      }),
    ),
    ...['eni-0000000d', 'eni-0000000e'].map((interface_id) => record({ interface_id, srcaddr: '10.0.9.9' })),
  ]);
});
afterAll(() => lake.remove());

const explain = (...args: readonly string[]) =>
  runFlowlogs(lake.folder, [
    'explain',
    ...['--lake', lake.folder, '--since', '2026-11-20T11:30', '--until', '2026-11-20T12:20'],
    ...args,
  ]);
const ENDS = ['--source', '10.0.1.5', '--destination', '10.0.2.7', '--port', '5432'] as const;

test('explain prints the verdict, who the ends are, what was seen and what to do', async () => {
  const { status, stdout, stderr } = await explain(...ENDS);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "10.0.1.5 → 10.0.2.7  tcp/5432 (postgresql)
    2026-11-20T11:30:00Z to 12:20:00Z

    The request arrives and is rejected: by an inbound rule of the security group of the target or of its
      network ACL. (confidence: high)

    Who
      source  10.0.1.5: log complete until 2026-11-20T12:31:00Z
              eni-0000000a  10.0.1.5  euw1-az1  subnet-a  vpc-1  123456789010
      target  10.0.2.7: log complete until 2026-11-20T12:31:00Z
              eni-0000000b  10.0.2.7  euw1-az2  subnet-b  vpc-1  123456789010

    What was seen
      P1  request leaves source   ACCEPT 1 record, 2026-11-20T12:00:00Z to 12:00:05Z
      P2  request reaches target  REJECT 1 record, 2026-11-20T12:00:00Z to 12:00:05Z
      P3  reply leaves target     not observed: the flow log of this end holds ACCEPT only or REJECT only
      P4  reply reaches source    not observed: the flow log of this end holds ACCEPT only or REJECT only
      TCP: the records have no TCP flags, or the place of the answer is not observed.

    Check next
      1. Inbound rules of every security group on the interface of the target.
      2. Inbound rules of the network ACL of its subnet.

    What flow logs do not show
      - Which filter rejected and which of its rules: AWS logs REJECT alike for all.
      - What came before 2026-11-20T12:00:00Z: a log of the two ends begins only then.
      - What came from 2026-11-20T12:00:06Z to 2026-11-20T12:29:59Z: the log of an end has a hole. Holes in all:
        2.

    Why
      The interface of the target logs the ingress of the request as REJECT.
      Source: Flow log records (Amazon VPC User Guide)

    Evidence
      point  start                 end                   interface     source    source port  destination  destination port  action  tcp flags  packets  bytes  reject reason
      P1     2026-11-20T12:00:00Z  2026-11-20T12:00:05Z  eni-0000000a  10.0.1.5        40000  10.0.2.7                 5432  ACCEPT  SYN              3    180  -
      P2     2026-11-20T12:00:00Z  2026-11-20T12:00:05Z  eni-0000000b  10.0.1.5        40000  10.0.2.7                 5432  REJECT  SYN              3    180  -
    "
  `);
});

test('as JSON, the answer has everything, and standard output nothing else', async () => {
  const { stdout } = await explain(...ENDS, '-o', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    since: '2026-11-20T11:30:00Z',
    answers: [
      {
        outcome: 'fails',
        rule: 'target-rejects',
        confidence: 'high',
        source: { interfaces: [{ interface_id: 'eni-0000000a', vpc_id: 'vpc-1' }] },
        points: { P1: { state: 'accept' }, P2: { state: 'reject', records: [{ srcport: 40_000 }] } },
      },
    ],
  });
});

test('as CSV, the answer is its records', async () => {
  const { stdout } = await explain(...ENDS, '-o', 'csv');
  const [header, ...rows] = stdout.trimEnd().split('\r\n');
  expect(header).toBe(
    'point,start,end,interface,source,source port,destination,destination port,action,tcp flags,packets,bytes,reject reason',
  );
  expect(rows).toEqual([
    'P1,2026-11-20T12:00:00Z,2026-11-20T12:00:05Z,eni-0000000a,10.0.1.5,40000,10.0.2.7,5432,ACCEPT,SYN,3,180,',
    'P2,2026-11-20T12:00:00Z,2026-11-20T12:00:05Z,eni-0000000b,10.0.1.5,40000,10.0.2.7,5432,REJECT,SYN,3,180,',
  ]);
});

test('an address of several interfaces is answered by the list of them and exit status 2', async () => {
  const { status, stdout, stderr } = await explain('--source', '10.0.9.9', '--destination', '10.0.2.7');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/10\.0\.9\.9 is an address of 3 interfaces:\n {4}eni-0000000c {2}vpc-2 /);
});

test('what --vpc leaves out is said', async () => {
  const { status, stdout } = await explain(...ENDS, '--vpc', 'vpc-2');
  expect(status).toBe(0);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    '--source 10.0.1.5: 1 interface that has it was left out by --vpc, --account or --region: ' +
      'eni-0000000a (vpc-1, 123456789010).',
  );
});

test('what --account leaves unread is said', async () => {
  const { stdout } = await explain(...ENDS, '--account', '444455556666');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    '--destination 10.0.2.7: only the flow logs of --account 444455556666 were read.',
  );
});

test.each([
  ['table', /reason X\\u001b\[2J\\u009b2J\\u202e\n/],
  ['csv', /,X\\u001b\[2J\\u009b2J\\u202e\r\n/],
  ['json', /"X\\u001b\[2J\\u009b2J\\u202e"/],
])('no control character of a record reaches the terminal as %s', async (format, expected) => {
  const hostile = await emptyLake();
  const [az_id, reject_reason] = ['z\u001b]0;pwned\u0007', 'X\u001b[2J\u009b2J\u202e'];
  try {
    await writeRecords(hostile.folder, [
      record({}),
      record({ ...AT_TARGET, az_id, action: 'REJECT', reject_reason }),
      record({ ...AT_TARGET, ...LATER, interface_id: 'eni-0000000f', dstaddr: '10.0.2.8', az_id }),
      record({ ...AT_TARGET, action: 'REJECT', dstaddr: '10.0.2.8', interface_id: 'eni-0000000f', az_id }),
      record({ ...AT_TARGET, srcaddr: '10.9.9.9' }),
      record({ ...AT_TARGET, srcaddr: '10.9.9.9', dstaddr: '10.0.2.8', interface_id: 'eni-0000000f' }),
    ]);
    const ends = ['--source', '10.0.1.5', '--destination', '10.0.2.7', '--port', '5432'];
    const times = ['--since', '2026-11-20T11:30', '--until', '2026-11-20T12:40'];
    const { stdout } = await runFlowlogs(hostile.folder, [
      ...['explain', '--lake', hostile.folder, ...ends, ...times, '-o', format],
    ]);
    expect(stdout).toMatch(expected);
    expect(stdout).not.toMatch(/[^\P{Cc}\r\n]|\p{Cf}/u);
  } finally {
    await hostile.remove();
  }
});

test('as CSV, no flags at all are an empty text, not a formula', async () => {
  const plain = await emptyLake();
  try {
    await writeRecords(plain.folder, [
      record({ tcp_flags: 0 }),
      record({ tcp_flags: 0, dstaddr: '10.9.9.9' }),
    ]);
    const { stdout } = await runFlowlogs(plain.folder, [
      ...['explain', '--lake', plain.folder, ...ENDS, '--since', '2026-11-20T11:30'],
      ...['--until', '2026-11-20T12:40', '-o', 'csv'],
    ]);
    expect(stdout).toContain(',ACCEPT,"",3,180,');
  } finally {
    await plain.remove();
  }
});

test('--vpc, --account and --region narrow', async () => {
  const ends = ['--source', '10.0.9.9', '--destination', '10.0.2.7'] as const;
  expect(await explain(...ends, '--vpc', 'vpc-2')).toMatchObject({ status: 0 });
  expect(await explain(...ends, '--vpc', 'vpc-1')).toMatchObject({ status: 2 });
  const elsewhere = await explain(...ends, '--region', 'us-east-1', '--account', '444455556666');
  expect(elsewhere.stdout).toContain('No flow log has a record of either end');
});

test('without --port, each port that is asked has its answer', async () => {
  const other = await emptyLake();
  try {
    const ssh = { dstport: 22, srcport: 40_002 };
    await writeRecords(other.folder, [
      ...[record({}), record({ ...AT_TARGET, action: 'REJECT' })],
      ...[record(ssh), record({ ...AT_TARGET, ...ssh })],
    ]);
    const ends = ['--source', '10.0.1.5', '--destination', '10.0.2.7', '--since', '2026-11-20T11:30'];
    const { stdout } = await runFlowlogs(other.folder, [
      ...['explain', '--lake', other.folder, ...ends, '--until', '2026-11-20T12:20'],
    ]);
    expect(stdout).toMatch(/^10\.0\.1\.5 → 10\.0\.2\.7 {2}tcp\n/);
    expect(stdout).toContain('  10.0.1.5 → 10.0.2.7  tcp/5432 (postgresql)\n');
    expect(stdout).toContain('  10.0.1.5 → 10.0.2.7  tcp/22 (ssh)\n');
  } finally {
    await other.remove();
  }
});

test('an inventory gives names', async () => {
  const inventory = join(lake.folder, 'interfaces.json');
  await writeFile(
    inventory,
    JSON.stringify({
      NetworkInterfaces: [
        {
          ...{ NetworkInterfaceId: 'eni-0000000b', Description: 'RDSNetworkInterface', VpcId: 'vpc-1' },
          PrivateIpAddress: '10.0.2.7',
        },
      ],
    }),
  );
  const { stdout } = await explain(...ENDS, '--inventory', inventory);
  expect(stdout).toContain('eni-0000000b  RDS-managed database  10.0.2.7');
});

test.each([
  [['--source', '10.0.1.5'], "required option '--destination <end>' not specified"],
  [[...ENDS, '--port', '70000'], 'It takes a port number from 1 to 65535.'],
  [[...ENDS, '--protocol', 'tpc'], 'It takes icmp, igmp,'],
  [[...ENDS, '--protocol', 'icmp'], 'The protocol icmp has no ports. Leave --port out.'],
  [[...ENDS, '--source', '10.0.1.'], '--source cannot be "10.0.1."'],
  [
    [...ENDS, '--inventory', 'missing.json'],
    'Cannot read the inventory missing.json: there is no such file.',
  ],
  [[...ENDS, '--account', '11112222333'], 'It takes the number of an account, 12 digits'],
  [[...ENDS, '--vpc', 'vpc-l'], 'It takes the id of a VPC, such as vpc-0123456789abcdef0.'],
  [[...ENDS, '--since', 'yesterday'], '--since "yesterday" is no time.'],
] as const)('%j is wrong usage', async (args, message) => {
  const { status, stdout, stderr } = await explain(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});

/** Athena's form of an answer: everything is text, and the first row has the names. */
function asAthenaSays({ columns, rows }: QueryResult) {
  const typeOf = (index: number) => {
    const values = rows.map((row) => row[index]).filter((value) => value !== null);
    return typeof values[0] === 'boolean'
      ? 'boolean'
      : columns[index]!.kind === 'number'
        ? 'bigint'
        : 'varchar';
  };
  const names = columns.map(({ name }) => ({ VarCharValue: name }));
  const texts = rows.map((row) =>
    row.map((value) => (value === null ? {} : { VarCharValue: String(value) })),
  );
  return {
    ResultSet: {
      Rows: [names, ...texts].map((Data) => ({ Data })),
      ResultSetMetadata: {
        ColumnInfo: columns.map(({ name: Name }, index) => ({ Name, Type: typeOf(index) })),
      },
    },
  };
}

/** Athena with the lake's data: DuckDB runs what it is asked. */
async function athenaOverLake(engine: QueryEngine) {
  const answers: (QueryResult | undefined)[] = [];
  return athenaStandIn(({ operation, input }: AthenaRequest) => {
    if (operation === 'StartQueryExecution') {
      const number = answers.push(undefined) - 1;
      void engine.run(input.QueryString).then((answer) => {
        answers[number] = answer;
      });
      return { QueryExecutionId: String(number) };
    }
    const answer = answers[Number(input.QueryExecutionId)];
    if (operation === 'GetQueryResults') return asAthenaSays(answer!);
    const State = answer === undefined ? 'RUNNING' : 'SUCCEEDED';
    return {
      QueryExecution: {
        StatementType: 'DML',
        Status: { State },
        Statistics: { DataScannedInBytes: 20_000_000 },
      },
    };
  });
}

test('on Athena, the answer is the same, and it is said what it costs', async () => {
  const engine = await openLake(lake.folder);
  const athena = await athenaOverLake(engine);
  try {
    const args = [...ENDS, '--since', '2026-11-20T11:30', '--until', '2026-11-20T12:20', '-o', 'json'];
    const asked = await runFlowlogs(lake.folder, ['explain', '--athena', '--stage', 'prod', ...args], {
      env: { HOME: lake.folder, ...athena.env },
    });
    expect(asked.status).toBe(0);
    expect(asked.stdout).toBe((await explain(...ENDS, '-o', 'json')).stdout);
    expect(asked.stderr).toMatch(/^Athena scanned 80\.0 MB in 4 queries: less than \$0\.01/);
  } finally {
    await athena.close();
    engine.close();
  }
});
