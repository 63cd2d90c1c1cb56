import type { FlowRow, InterfaceLog, Question, TransitRow } from '../../../shared/explain/observation.ts';
import { columnName, DEFAULT_VPC_FORMAT } from '../../../shared/flow-log/fields.ts';

/** The evidence of a case, and how it gets worse. */
export interface Setting {
  readonly question: Question;
  readonly rows: readonly FlowRow[];
  readonly transitRows: readonly TransitRow[];
  readonly logs: ReadonlyMap<string, InterfaceLog>;
}
export type Degradation = readonly [name: string, degrade: (setting: Setting) => Setting];
type EndName = 'source' | 'destination';

const isAt = ({ question }: Setting, end: EndName, row: FlowRow): boolean =>
  question[end].interfaceIds.includes(row.interface_id ?? '');

/** Changes what is known of the logs of one end, or of all. */
function withLogs(
  setting: Setting,
  change: (log: InterfaceLog) => InterfaceLog | undefined,
  ...ends: readonly EndName[]
): Setting {
  const ids = new Set(ends.flatMap((end) => setting.question[end].interfaceIds));
  const logs = [...setting.logs].flatMap(([id, log]) => {
    const changed = ends.length === 0 || ids.has(id) ? change(log) : log;
    return changed ? [[id, changed] as const] : [];
  });
  return { ...setting, logs: new Map(logs) };
}

const delivered = ({ question }: Setting): number => question.window.end - 900;

const unlogged = (end: EndName) => (setting: Setting) => ({
  ...withLogs(setting, () => undefined, end),
  rows: setting.rows.filter((row) => !isAt(setting, end, row)),
});
const onlyAction = (action: string) => (setting: Setting) => ({
  ...withLogs(setting, (log) => ({
    ...log,
    actions: new Set([...log.actions].filter((each) => each === action)),
  })),
  rows: setting.rows.filter((row) => row.action === action),
});
const undelivered =
  (...ends: readonly EndName[]) =>
  (setting: Setting) => ({
    ...withLogs(
      setting,
      (log) => ({ ...log, completeUntil: Math.min(log.completeUntil, delivered(setting)) }),
      ...ends,
    ),
    rows: setting.rows.filter(
      (row) => row.end! <= delivered(setting) || !(ends.length === 0 || isAt(setting, ends[0]!, row)),
    ),
  });
/** The flow log was made in the middle of the window. */
const begun = (end: EndName) => (setting: Setting) => {
  const { start, end: until } = setting.question.window;
  const middle = Math.floor((start + until) / 2);
  return {
    ...withLogs(setting, (log) => ({ ...log, completeFrom: middle }), end),
    rows: setting.rows.filter((row) => row.start! >= middle || !isAt(setting, end, row)),
  };
};
const lost = (end: EndName) => (setting: Setting) => ({
  ...withLogs(setting, (log) => ({ ...log, skipped: [setting.question.window] }), end),
  rows: setting.rows.filter((row) => !isAt(setting, end, row)),
});
/** An object of the log is missing: ten minutes in the middle of the window. */
const missing = (end: EndName) => (setting: Setting) => {
  const { start, end: until } = setting.question.window;
  const middle = Math.floor((start + until) / 2);
  const hole = { start: middle - 300, end: middle + 300 };
  return {
    ...withLogs(setting, (log) => ({ ...log, holes: [hole] }), end),
    rows: setting.rows.filter(
      (row) => row.end! < hole.start || row.start! > hole.end || !isAt(setting, end, row),
    ),
  };
};
const changeRows =
  (change: (rows: readonly FlowRow[], setting: Setting) => readonly FlowRow[]) => (setting: Setting) => ({
    ...setting,
    rows: change(setting.rows, setting),
  });

const VERSION_2 = new Set<string>(DEFAULT_VPC_FORMAT.map(columnName));
function inVersion2(rows: readonly FlowRow[]): FlowRow[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => VERSION_2.has(column))),
  );
}

/** Joins the records of each flow in intervals of ten minutes, as flow logs of 600 seconds do. */
function inLongIntervals(rows: readonly FlowRow[]): FlowRow[] {
  const key = (row: FlowRow): string =>
    [
      ...[
        row.interface_id,
        row.srcaddr,
        row.dstaddr,
        row.pkt_srcaddr,
        row.pkt_dstaddr,
        row.srcport,
        row.dstport,
      ],
      ...[row.protocol, row.action, Math.floor(row.start! / 600), Object.keys(row).length],
    ].join(' ');
  const sum = (own: readonly FlowRow[], column: 'packets' | 'bytes'): number =>
    own.reduce((total, row) => total + (row[column] ?? 0), 0);
  return [...Map.groupBy(rows, key).values()].map((own) => ({
    ...own[0]!,
    ...{ start: Math.min(...own.map((row) => row.start!)), end: Math.max(...own.map((row) => row.end!)) },
    ...{ packets: sum(own, 'packets'), bytes: sum(own, 'bytes') },
    ...(own[0]!.tcp_flags != null && { tcp_flags: own.reduce((flags, row) => flags | row.tcp_flags!, 0) }),
  }));
}

/** The target sees the source's packets with another address and port. Other sources keep theirs. */
function behindNat(rows: readonly FlowRow[], setting: Setting): FlowRow[] {
  const { addresses } = setting.question.source;
  const isSource = (address: string | null | undefined): boolean =>
    address != null && addresses.includes(address);
  const nat = <T extends string | null | undefined>(address: T) =>
    isSource(address) ? '100.64.0.9' : address;
  const port = (own: number | null | undefined) =>
    own == null || own === setting.question.port ? own : 1024 + (own % 9999);
  return rows.map((row) => {
    const isSourcesTraffic = isSource(row.srcaddr) || isSource(row.dstaddr);
    if (!isSourcesTraffic || !isAt(setting, 'destination', row)) return row;
    const { srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr, srcport, dstport } = row;
    return {
      ...row,
      ...{ srcaddr: nat(srcaddr), dstaddr: nat(dstaddr), srcport: port(srcport), dstport: port(dstport) },
      ...{ pkt_srcaddr: nat(pkt_srcaddr), pkt_dstaddr: nat(pkt_dstaddr) },
    } as FlowRow;
  });
}

/** Interfaces of another VPC that uses the same addresses, where everything is the other way round. */
function withDecoy(rows: readonly FlowRow[]): FlowRow[] {
  const other: Readonly<Record<string, string>> = { ACCEPT: 'REJECT', REJECT: 'ACCEPT' };
  const decoy = rows.map((row) => ({
    ...row,
    ...{ interface_id: `${row.interface_id}-decoy`, vpc_id: 'vpc-decoy', subnet_id: 'subnet-decoy' },
    action: other[row.action ?? ''] ?? null,
  }));
  return [...decoy, ...rows];
}

export const DEGRADATIONS: readonly Degradation[] = [
  ['the source has no flow log', unlogged('source')],
  ['the target has no flow log', unlogged('destination')],
  ['version 2', changeRows(inVersion2)],
  ['ACCEPT only', onlyAction('ACCEPT')],
  ['REJECT only', onlyAction('REJECT')],
  ['intervals of 600 seconds', changeRows(inLongIntervals)],
  ['the last 15 minutes are not delivered', undelivered()],
  ['the last 15 minutes of the source are not delivered', undelivered('source')],
  ['the last 15 minutes of the target are not delivered', undelivered('destination')],
  ['the flow log of the source begins in the middle', begun('source')],
  ['the flow log of the target begins in the middle', begun('destination')],
  ['logged twice alike', changeRows((rows) => [...rows, ...rows])],
  ['logged twice, once in version 2', changeRows((rows) => [...inVersion2(rows), ...rows])],
  ['logged twice, once in 600 seconds', changeRows((rows) => [...rows, ...inLongIntervals(rows)])],
  ['a decoy VPC with the same addresses', changeRows(withDecoy)],
  ['NAT in the path', changeRows(behindNat)],
  ['AWS lost the records of the source', lost('source')],
  ['AWS lost the records of the target', lost('destination')],
  ['ten minutes of the log of the source are missing', missing('source')],
  ['ten minutes of the log of the target are missing', missing('destination')],
];
