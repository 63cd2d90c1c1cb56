import { expect, test } from 'vitest';
import { EXAMPLE_ORGANIZATION } from '../../../generator/organization.ts';
import { explain } from '../../../shared/explain/explain.ts';
import type { FlowRow } from '../../../shared/explain/observation.ts';
import { DEGRADATIONS, type Degradation, type Setting } from './degradations.ts';
import { endOf, generatedLogs, interfaceLogs } from './generated-evidence.ts';

const LOGS = generatedLogs({ records: 12_000, scenarios: [] });
const KNOWN = interfaceLogs(LOGS);
const BY_ADDRESS = new Map(EXAMPLE_ORGANIZATION.interfaces.map((each) => [each.address, each]));
const TCP = 6;
const DNS = 53;

/** Every pair of interfaces that talks, and on which port, by the packets that leave for a lower port. */
const TO_LOWER_PORT = [
  ...Map.groupBy(
    LOGS.rows.filter(isToLowerPort),
    ({ srcaddr, dstaddr, protocol, dstport }) => `${srcaddr} ${dstaddr} ${protocol} ${dstport}`,
  ),
];
/** Load balancers take low ports for themselves, so that answers to them go to a lower port as well. */
const isAnswer = ({ tcp_flags }: FlowRow): boolean => ((tcp_flags ?? 0) & 18) === 18;
const CONVERSATIONS = TO_LOWER_PORT.filter(([, rows]) => !rows.some(isAnswer));
const ANSWERS = TO_LOWER_PORT.filter(([, rows]) => rows.some(isAnswer));

function isToLowerPort({
  flow_direction,
  srcaddr,
  dstaddr,
  srcport,
  dstport,
  pkt_srcaddr,
}: FlowRow): boolean {
  const isInside = BY_ADDRESS.has(srcaddr ?? '') && BY_ADDRESS.has(dstaddr ?? '');
  return flow_direction === 'egress' && isInside && srcaddr === pkt_srcaddr && dstport! < srcport!;
}

/** A conversation with all its evidence. */
function settingOf(row: FlowRow): Setting {
  const [source, destination] = [row.srcaddr!, row.dstaddr!].map((each) => endOf(BY_ADDRESS.get(each)!));
  const question = {
    ...{ source: source!, destination: destination!, window: LOGS.period },
    ...{ protocol: row.protocol!, port: row.dstport! },
  };
  const ids = [...source!.interfaceIds, ...destination!.interfaceIds];
  const rows = LOGS.rows.filter((each) => each.protocol === row.protocol && ids.includes(each.interface_id!));
  return { question, rows, transitRows: LOGS.transitRows, logs: KNOWN };
}

const SETTINGS = CONVERSATIONS.map(([name, [row]]) => [name, settingOf(row!)] as const);
const explained = ({ question, ...evidence }: Setting) => explain(question, evidence);

/** Resolvers refuse TCP, and that is all that fails. */
const isRefusedDns = ({ question }: Setting): boolean => question.protocol === TCP && question.port === DNS;

test('ordinary traffic works', () => {
  expect(SETTINGS.length).toBeGreaterThan(150);
  const works = SETTINGS.filter(([, setting]) => explained(setting).outcome === 'works');
  expect(works.length / SETTINGS.length).toBeGreaterThan(0.8);
  const refused = SETTINGS.filter(([, setting]) => explained(setting).rule === 'refused');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(([, setting]) => isRefusedDns(setting))).toBe(true);
});

test('who only answers does not ask', () => {
  expect(ANSWERS.length).toBeGreaterThan(2);
  const rules = ANSWERS.map(([, [row]]) => explained(settingOf(row!)).rule);
  expect(new Set(rules)).toEqual(new Set(['not-sent']));
});

const UNDEGRADED: Degradation = ['nothing is missing', (setting) => setting];
test.each([UNDEGRADED, ...DEGRADATIONS])('ordinary traffic is never called broken: %s', (_, degrade) => {
  const broken = SETTINGS.map(([name, setting]) => [name, setting, explained(degrade(setting))] as const)
    .filter(([, setting, { outcome }]) => outcome === 'fails' && !isRefusedDns(setting))
    .map(([name, , { rule, points }]) => [name, rule, ...Object.values(points).map(({ state }) => state)]);
  expect(broken).toEqual([]);
});
