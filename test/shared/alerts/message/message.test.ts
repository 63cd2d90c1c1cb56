import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '../../../../shared/alerts/alert-message.ts';
import { REASONS } from '../../../../shared/alerts/decision.ts';
import { messageOf, sizeOf } from '../../../../shared/alerts/message/message.ts';
import { alertMessageSchema, type MessageData } from '../../../../shared/alerts/message/schema.ts';
import { snsMessage } from '../../../../shared/alerts/message/sns-message.ts';
import { ALERT_KINDS, type Part, type Situation, type Subject } from '../../../../shared/alerts/situation.ts';
import {
  CONNECTION_PATHS,
  type Finding,
  LOSS_CAUSES,
  SEVERITIES,
  type TopServerPort,
} from '../../../../shared/findings/finding.ts';
import { part } from '../parts.ts';
import { ALERT_MEANINGS, CONTEXT, noticesOf } from './cases.ts';
import { OLD_DATA, SILENCE, SIX_O_CLOCK, situationOf } from './notices.ts';

let notices: ReadonlyMap<string, readonly Notice[]>;

beforeAll(async () => {
  notices = await noticesOf();
});

const messageFor = (name: string) => messageOf(notices.get(name)!, CONTEXT);
const opened = (changes: Parameters<typeof part>[0] = {}): Notice => ({
  situation: situationOf(part(changes)),
  reason: 'opens',
});
const dataOf = ({ json }: { json: string }) => JSON.parse(json) as MessageData;

describe('attributes', () => {
  test('are texts in a message about one situation, and what it has not is left out', () => {
    expect(messageFor('internal-service-rejected').attributes).toEqual({
      kind: 'REJECT',
      severity: 'warning',
      path: 'subnet-to-subnet',
      meaning: 'internal-service-rejected',
      accountId: '111122223333',
      region: 'eu-west-1',
      vpcId: 'vpc-caf4f66c87be32b84',
      resourceId: 'eni-fbf89986162934348',
    });
    expect(messageFor('no-delivery').attributes).toEqual({
      kind: 'NO_DELIVERY',
      severity: 'warning',
      meaning: 'no-delivery',
      accountId: '444455556666',
      region: 'eu-west-1',
    });
    expect(messageFor('old-data').attributes).not.toHaveProperty('region');
    expect(messageFor('whole-vpc').attributes).not.toHaveProperty('resourceId');
  });

  test('of a digest are arrays of all values, those of the most severe first', () => {
    const { attributes } = messageOf(
      [
        opened({ severity: 'info', subject: { path: 'unknown' } }),
        opened(),
        opened({ severity: 'critical' }),
      ],
      CONTEXT,
    );
    expect(attributes.severity).toEqual(['critical', 'warning', 'info']);
    expect(attributes.path).toEqual(['subnet-to-subnet', 'unknown']);
    expect(attributes.accountId).toEqual(['111122223333']);
  });

  test('of a storm have a hundred values, also of alerts that the message has no room for', () => {
    const storm = Array.from({ length: 300 }, (_, index) =>
      opened({ subject: { scope: { level: 'resource', id: `eni-${index}` } } }),
    );
    const message = messageOf(storm, CONTEXT);
    expect(message.attributes.resourceId).toHaveLength(100);
    expect(dataOf(message).alerts.length).toBeLessThan(100);
  });
});

describe('digests', () => {
  test('do not depend on the order of what they tell', () => {
    const several = notices.get('digest-of-account')!;
    const message = messageOf(several, CONTEXT);
    expect(messageOf([...several].reverse(), CONTEXT)).toEqual(message);
  });

  test('say how much they leave out', () => {
    const storm = Array.from({ length: 1000 }, (_, index) =>
      opened({ flows: index, subject: { scope: { level: 'resource', id: `eni-${index}` } } }),
    );
    const message = messageOf(storm, CONTEXT);
    const { alerts, leftOut } = dataOf(message);
    expect(alerts.length).toBeGreaterThan(20);
    expect(alerts.length + leftOut).toBe(1000);
    expect(alerts[0]?.counters.episode.flows).toBe(999);
    expect(message.text).toContain('DIGEST: 1,000 situations in 111122223333 eu-west-1\n1000 warning;');
    expect(message.text).toMatch(/\n… and 9\d\d others, no more severe than these\n/);
    expect(sizeOf(message)).toBeLessThan(256 * 1024);
  });

  test('of accounts that fell silent say which, and what to do', () => {
    const { text, attributes } = messageFor('digest-of-silence');
    for (const account of ['121212121212', '444455556666', '777788889999']) {
      expect(text).toContain(`${account} eu-west-1`);
    }
    expect(text).toContain('aws ec2 describe-flow-logs');
    expect(attributes.accountId).toHaveLength(3);
  });
});

test('there is no message about nothing', () => {
  expect(() => messageOf([], CONTEXT)).toThrow(RangeError);
});

test('each protocol gets its form, and the others the text', () => {
  const message = messageFor('blackhole');
  const { subject, text, json } = message;
  expect(JSON.parse(snsMessage(message))).toEqual({
    ...{ default: text, email: text, sms: subject },
    ...{ sqs: json, lambda: json, http: json, https: json },
  });
});

test('in a chat messages about one situation are one thread', () => {
  const threadOf = (name: string) =>
    (JSON.parse(messageFor(name).chat) as { metadata: { threadId?: string } }).metadata.threadId;
  expect(threadOf('grows')).toBe(threadOf('internal-service-rejected'));
  expect(threadOf('still-open')).toBe(threadOf('grows'));
  expect(threadOf('blackhole')).not.toBe(threadOf('grows'));
  expect(threadOf('digest-of-account')).toBeUndefined();
});

describe('a refusal is blamed on nothing that the record cannot tell', () => {
  test.each(['internal-service-rejected', 'public-service-rejected', 'blocked-egress'])('%s', (name) => {
    const { text } = messageFor(name);
    const flat = text.replaceAll(/\s+/g, ' ');
    expect(flat).toMatch(/security groups?/);
    expect(flat).toMatch(/network ACL/);
    expect(flat).toMatch(/record cannot tell/);
  });

  test('but for the refused reply, which only a network ACL refuses', () => {
    expect(messageFor('reply-rejected').text).toContain('it is the network ACL of the subnet');
  });
});

test('what one object tells of other traffic there is not told of the situation', () => {
  // The service is one of many that were refused at the interface: who asked for it is not known.
  const finding: Finding = {
    ...part().finding!,
    flows: 100,
    refused_requests: 100,
    top_sources: [source('10.9.9.9', 100)],
    top_server_ports: [serverPort(5432, 60), serverPort(6379, 40)],
  };
  const [alert] = dataOf(messageOf([opened({ finding, flows: 60 })], CONTEXT)).alerts;
  expect(alert?.evidence).not.toHaveProperty('sources');
  expect(alert?.evidence?.ports).toMatchObject([{ port: 5432, flows: 60 }]);
  expect(alert?.commands[0]).toMatch(/^flowlogs query internal-services-rejected /);
});

function source(address: string, flows: number) {
  return { address, inside: true, flows, error: 0, server_ports: '2', destinations: '1' };
}

function serverPort(port: number, flows: number): TopServerPort {
  return {
    ...{ protocol: 6, port, side: 'own', rejected_flows: flows, error: 0, accepted_flows: 0 },
    ...{ refused_requests: flows, refused_replies: 0, late_packets: 0, clients: '3', servers: '1' },
    server: '10.0.0.9',
  };
}

describe('whatever a log line holds', () => {
  /** What breaks mail headers, terminals, markdown, JSON and SQL, and what is simply long. */
  const NASTY = [
    '\r\nBcc: everyone@example.com',
    '\u001b[2J\u001b]0;title\u0007',
    '@channel <!here> <https://evil.example|click> **bold** `code` [a](http://b)',
    `'; DROP TABLE flow_logs; --`,
    '"\\"{}\u0000\u2028\u2029\u202e',
    '\u{1f600}'.repeat(300),
    '\ud83d',
    'ÄÖÜ 日本語',
    '--stage evil; rm -rf ~ $(id)',
    'x'.repeat(5000),
  ];
  const hostile = fc.oneof(
    fc.constantFrom(...NASTY),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom('10.0.0.1', 'eni-0a1b', 'vpc-1', ''),
  );
  /** Ids come from decoded UTF-8, which has no halves of pairs. */
  const hostileId = hostile.map((text) => text.toWellFormed());
  const number = fc.oneof(fc.maxSafeNat(), fc.nat(100));
  const protocolPort = fc.record({ protocol: fc.nat(255), port: fc.nat(65_535) });

  const finding: fc.Arbitrary<Finding> = fc.record(
    {
      kind: fc.constantFrom('REJECT', 'SKIPDATA', 'PACKET_LOSS'),
      path: fc.constantFrom(...CONNECTION_PATHS),
      cause: fc.constantFrom(...LOSS_CAUSES),
      aws_account_id: hostile,
      aws_region: hostile,
      resource_type: fc.constantFrom(
        'interface',
        'nat-gateway',
        'transit-gateway-attachment',
        'transit-gateway',
      ),
      resource_id: hostile,
      vpc_id: hostile,
      subnet_id: hostile,
      instance_id: hostile,
      interface_type: hostile,
      first_time: number,
      last_time: number,
      flows: number,
      packets: number,
      skipped_seconds: number,
      refused_requests: number,
      refused_replies: number,
      late_packets: number,
      reject_reasons: fc.array(fc.record({ reason: hostile, flows: number }), { maxLength: 3 }),
      top_sources: fc.array(
        fc.record({
          ...{ address: hostile, inside: fc.boolean(), flows: number, packets: number, error: fc.nat(5) },
          ...{ server_ports: fc.constantFrom('1', '64+'), destinations: fc.constantFrom('1', '64+') },
          interfaces: fc.constantFrom('1', '64+'),
        }),
        { maxLength: 6 },
      ),
      top_destinations: fc.array(
        fc.record({ address: hostile, inside: fc.boolean(), flows: number, error: fc.nat(5) }),
        { maxLength: 6 },
      ),
      top_server_ports: fc.array(
        fc
          .tuple(protocolPort, number, hostile)
          .map(([asked, flows, server]) => ({ ...serverPort(0, flows), ...asked, server })),
        { maxLength: 6 },
      ),
      top_attachment_pairs: fc.array(
        fc.record({ pair_attachment_id: hostile, source_vpc_id: hostile, flows: number, error: fc.nat(5) }),
        { maxLength: 3 },
      ),
      samples: fc.array(hostile, { maxLength: 3 }),
      source: hostile,
    },
    { requiredKeys: ['kind', 'aws_account_id', 'aws_region', 'flows', 'source'] },
  ) as fc.Arbitrary<Finding>;

  const subject: fc.Arbitrary<Subject> = fc.record(
    {
      kind: fc.constantFrom(...ALERT_KINDS),
      meaning: fc.constantFrom(...ALERT_MEANINGS),
      accountId: hostileId,
      region: hostileId,
      scope: fc.record({ level: fc.constantFrom('resource', 'vpc', 'account'), id: hostileId }),
      vpcId: hostileId,
      path: fc.constantFrom(...CONNECTION_PATHS),
      service: fc.record(
        { protocol: fc.nat(255), port: fc.nat(65_535), server: hostileId },
        { requiredKeys: ['protocol', 'port'] },
      ),
    },
    { requiredKeys: ['kind', 'meaning', 'accountId', 'scope'] },
  ) as fc.Arbitrary<Subject>;

  const notice: fc.Arbitrary<Notice> = fc
    .record({
      subject,
      finding: fc.option(finding, { nil: undefined }),
      severity: fc.constantFrom(...SEVERITIES),
      flows: number,
      packets: number,
      firstTime: number,
      length: fc.nat(100_000),
      reason: fc.constantFrom(...REASONS),
    })
    .map(({ reason, length, finding: told, ...rest }) => {
      const lastTime = rest.firstTime + length;
      const hostilePart: Part = { ...rest, lastTime, ...(told && { finding: told }) };
      const situation: Situation = situationOf(hostilePart);
      return { situation, reason };
    });

  test('every form of the message is what its readers expect', () => {
    fc.assert(
      fc.property(fc.array(notice, { minLength: 1, maxLength: 40 }), (several) => {
        const message = messageOf(several, CONTEXT);
        const { subject: line, text, json, chat, attributes } = message;
        expect(line).toMatch(/^[\x20-\x7e]{1,99}$/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: there shall be none
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/);
        expect(text.isWellFormed() && json.isWellFormed() && chat.isWellFormed()).toBe(true);
        const data = alertMessageSchema.parse(JSON.parse(json));
        expect(data.alerts.length + data.leftOut).toBe(several.length);
        expect(data.alerts.length).toBeGreaterThan(0);
        for (const value of Object.values(attributes).flat()) expect(value).toMatch(/^[\x20-\x7e]{1,256}$/);
        expect(sizeOf(message)).toBeLessThanOrEqual(250_000);
        expect(chat.length).toBeLessThan(10_000);
      }),
      { numRuns: 150 },
    );
  });

  test('a chat mentions nobody, links nothing and marks nothing up', () => {
    fc.assert(
      fc.property(notice, (one) => {
        const { content, metadata } = JSON.parse(messageOf([one], CONTEXT).chat);
        // Our own commands stand in code blocks, and emojis before the title.
        const prose = content.description.replaceAll(/```flowlogs [\w .:/=-]+```/g, '');
        const title = content.title.replace(/^:\w+: /, '');
        for (const written of [title, prose, ...content.nextSteps, metadata.summary]) {
          expect(written).not.toMatch(/[<>@*_~`|[\]]|:\/\//);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('commands are one line of plain words', () => {
    fc.assert(
      fc.property(notice, (one) => {
        const [alert] = dataOf(messageOf([one], CONTEXT)).alerts;
        for (const command of alert!.commands) expect(command).toMatch(/^flowlogs [\w .:/=-]+$/);
      }),
      { numRuns: 150 },
    );
  });
});

test('a source that is only guessed is not named', () => {
  const finding: Finding = {
    ...part().finding!,
    flows: 10,
    top_sources: [{ ...source('10.9.9.9', 4), error: 4 }, source('10.9.9.8', 3)],
    top_server_ports: [serverPort(5432, 10)],
    refused_requests: 10,
  };
  const [alert] = dataOf(messageOf([opened({ finding, flows: 10 })], CONTEXT)).alerts;
  expect(alert?.evidence?.sources).toMatchObject([{ address: '10.9.9.8', flows: 3 }]);
});

test('old data and silence say their times', () => {
  const told = (one: Part) => messageOf([{ situation: situationOf(one), reason: 'opens' }], CONTEXT).text;
  expect(told(OLD_DATA)).toContain('2026-08-01 00:00:00 to 2026-10-30 23:59:58 UTC, arrived');
  expect(told(SILENCE)).toContain('No object arrived for 65 minutes.');
  expect(CONTEXT.now).toBe(SIX_O_CLOCK);
});
