/** Records that AWS prints in "Flow log record examples" (Amazon VPC User Guide), and what they mean. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../../shared/explain/explain.ts';
import type { End, FlowRow, InterfaceLog, Question } from '../../../shared/explain/observation.ts';
import { DEFAULT_VPC_FORMAT, fieldsOf } from '../../../shared/flow-log/fields.ts';

const FLAGS_FORMAT =
  'version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status'.split(
    ' ',
  );
const TRANSIT_FORMAT =
  'version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol tcp-flags type pkt-srcaddr pkt-dstaddr action log-status'.split(
    ' ',
  );

function parsed(lines: readonly string[], names: readonly string[] = DEFAULT_VPC_FORMAT): FlowRow[] {
  const fields = new Map(fieldsOf('vpc').map((field) => [field.name, field]));
  return lines.map((line) =>
    Object.fromEntries(
      line.split(/\s+/).map((value, i) => {
        const { column, type } = fields.get(names[i]!)!;
        return [column, value === '-' ? null : type === 'string' ? value : Number(value)];
      }),
    ),
  );
}

const SERVER = 'eni-1235b8ca123456789';
const inside = (...addresses: readonly string[]): End => ({ addresses, interfaceIds: [SERVER] });
const outside = (address: string): End => ({ addresses: [address], interfaceIds: [] });
const LOG: InterfaceLog = {
  actions: new Set(['ACCEPT', 'REJECT']),
  skipped: [],
  completeUntil: 2_000_000_000,
};
const answer = (question: Omit<Question, 'window'>, rows: readonly FlowRow[], interfaceId = SERVER) =>
  explain(
    { ...question, window: { start: 0, end: 1_900_000_000 } },
    { rows, logs: new Map([[interfaceId, LOG]]) },
  );

describe('the default format', () => {
  const rows = parsed([
    '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK',
    '2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK',
  ]);
  test('accepted SSH: the page prints one direction only, but its length tells that it was answered', () => {
    const question = {
      source: outside('172.31.16.139'),
      destination: inside('172.31.16.21'),
      protocol: 6,
      port: 22,
    };
    expect(answer(question, rows)).toMatchObject({ rule: 'answer-unseen', tcp: 'one-sided' });
  });
  test('rejected RDP', () => {
    const question = {
      source: outside('172.31.9.69'),
      destination: inside('172.31.9.12'),
      protocol: 6,
      port: 3389,
    };
    expect(answer(question, rows)).toMatchObject({ rule: 'target-rejects', confidence: 'medium' });
  });
});

describe('ping', () => {
  const request =
    '2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 0 0 1 4 336 1432917027 1432917142';
  const reply =
    '2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 0 0 1 4 336 1432917094 1432917142';
  const question = { source: outside('203.0.113.12'), destination: inside('172.31.16.139'), protocol: 1 };
  test('the security group lets it in, the network ACL drops the reply', () => {
    const rows = parsed([`${request} ACCEPT OK`, `${reply} REJECT OK`]);
    expect(answer(question, rows).rule).toBe('target-acl-drops-pings');
  });
  test('the security group denies it: one REJECT', () => {
    expect(answer(question, parsed([`${request} REJECT OK`])).rule).toBe('target-rejects');
  });
  test('both allow it: two ACCEPT', () => {
    const rows = parsed([`${request} ACCEPT OK`, `${reply} ACCEPT OK`]);
    expect(answer(question, rows)).toMatchObject({ rule: 'answered-by-target', outcome: 'cannot-tell' });
  });
});

describe('the sequence of TCP flags', () => {
  const common =
    '3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca123456789 123456789010 IPv4';
  const lines = [
    `${common} 52.213.180.42 10.0.0.62 43418 5001 52.213.180.42 10.0.0.62 6 100701 70 1566848875 1566848933 ACCEPT 2 OK`,
    `${common} 10.0.0.62 52.213.180.42 5001 43418 10.0.0.62 52.213.180.42 6 632 12 1566848875 1566848933 ACCEPT 18 OK`,
    `${common} 10.0.0.62 52.213.180.42 5001 43418 10.0.0.62 52.213.180.42 6 63388 1219 1566848933 1566849113 ACCEPT 1 OK`,
    `${common} 52.213.180.42 10.0.0.62 43418 5001 52.213.180.42 10.0.0.62 6 23294588 15774 1566848933 1566849113 ACCEPT 1 OK`,
    `${common} 52.213.180.42 10.0.0.62 43638 5001 52.213.180.42 10.0.0.62 6 1260 17 1566933133 1566933193 ACCEPT 3 OK`,
    `${common} 10.0.0.62 52.213.180.42 5001 43638  10.0.0.62 52.213.180.42 6 967 14 1566933133 1566933193 ACCEPT 19 OK`,
  ];
  const question = {
    source: outside('52.213.180.42'),
    destination: inside('10.0.0.62'),
    protocol: 6,
    port: 5001,
  };
  test('opened and closed in one interval', () => {
    expect(answer(question, parsed(lines.slice(4), FLAGS_FORMAT))).toMatchObject({
      rule: 'handshake-completed',
      tcp: 'completed',
    });
  });
  test('opened in one interval and closed in the next', () => {
    expect(answer(question, parsed(lines.slice(0, 4), FLAGS_FORMAT)).tcp).toBe('completed');
  });
  test('its second half alone: a connection from before', () => {
    const { tcp, rule } = answer(question, parsed(lines.slice(2, 4), FLAGS_FORMAT));
    expect([tcp, rule]).toEqual(['existing', 'answered-by-target']);
  });
});

test('a request across a transit gateway is seen at the server, not at the attachments in between', () => {
  const server = 'eni-33333333333333333';
  const common = '123456789010 vpc-abcdefab012345678 subnet-22222222bbbbbbbbb';
  const rows = parsed(
    [
      `3 ${server} ${common} i-01234567890123456 10.20.33.164 10.40.2.236 39812 80 6 3 IPv4 10.20.33.164 10.40.2.236 ACCEPT OK`,
      `3 ${server} ${common} i-01234567890123456 10.40.2.236 10.20.33.164 80 39812 6 19 IPv4 10.40.2.236 10.20.33.164 ACCEPT OK`,
      `3 eni-11111111111111111 123456789010 vpc-abcdefab012345678 subnet-11111111aaaaaaaaa - 10.40.1.175 10.40.2.236 39812 80 6 3 IPv4 10.20.33.164 10.40.2.236 ACCEPT OK`,
      `3 eni-22222222222222222 ${common} - 10.40.2.236 10.40.2.31 80 39812 6 19 IPv4 10.40.2.236 10.20.33.164 ACCEPT OK`,
    ],
    TRANSIT_FORMAT,
  );
  const destination = { addresses: ['10.40.2.236'], interfaceIds: [server] };
  const question = { source: outside('10.20.33.164'), destination, protocol: 6, port: 80 };
  const { rule, points } = answer(question, rows, server);
  expect(rule).toBe('handshake-completed');
  expect([points.P2.records.length, points.P3.records.length]).toEqual([1, 1]);
});
