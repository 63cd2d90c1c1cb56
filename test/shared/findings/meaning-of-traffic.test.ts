/** What traffic means that is easily taken for something else, from its records on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/findings/finding.ts';
import { observeText } from './observe-text.ts';

const HEADER =
  'interface-id srcaddr dstaddr srcport dstport protocol tcp-flags packets bytes start end action ' +
  'pkt-dst-aws-service traffic-path reject-reason';
const SERVER = '10.0.0.10';
const FLAGS = { syn: 2, synAck: 18, fin: 1 } as const;
const NO_FLAGS = { syn: '-', synAck: '-', fin: '-' } as const;

interface FlowLine {
  eni?: string;
  from: string;
  to: string;
  ports: readonly [number, number];
  protocol?: number;
  flags?: number | '-';
  action?: 'ACCEPT' | 'REJECT';
  service?: string;
  route?: number;
}

function line(flow: FlowLine): string {
  const { eni = 'eni-a', from, to, ports, protocol = 6, flags = '-', action = 'REJECT' } = flow;
  const { service = '-', route = '-' } = flow;
  return `${eni} ${from} ${to} ${ports.join(' ')} ${protocol} ${flags} 1 60 1000 1060 ${action} ${service} ${route} -`;
}

function findingsOf(flows: readonly FlowLine[]): Finding[] {
  return observeText([HEADER, ...flows.map(line)].join('\n')).findings;
}

/** What the findings mean, each as `severity meaning meaning …`. */
function meaningsOf(flows: readonly FlowLine[]): string[] {
  const texts = findingsOf(flows).map(({ severity, meanings = [] }) => [severity, ...meanings].join(' '));
  return [...new Set(texts)].sort();
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Many interfaces, each asked some times. */
function targets(
  count: number,
  repeats: number,
  ask: (target: number, time: number) => Partial<FlowLine>,
): FlowLine[] {
  return times(count, (target) =>
    times(repeats, (time) => ({
      eni: `eni-${target}`,
      from: '10.0.9.9',
      to: `10.0.1.${target}`,
      ports: [40_000 + time, 8080] as const,
      ...ask(target, time),
    })),
  ).flat();
}

describe.each([
  { format: 'with flags', ...FLAGS },
  { format: 'without flags', ...NO_FLAGS },
])('$format', ({ syn, synAck, fin }) => {
  test('an inside source that tries one port of many interfaces sweeps', () => {
    const sweep = targets(30, 1, () => ({ flags: syn }));
    expect(meaningsOf(sweep)).toEqual(['critical host-sweep']);
    expect(meaningsOf(sweep.map((flow) => ({ ...flow, from: '198.51.100.9' })))).toEqual(['info host-sweep']);
  });

  test('an inside source that tries many ports of one interface scans', () => {
    const scan = times(40, (i) => ({
      from: '10.0.9.9',
      to: SERVER,
      ports: [50_000, 1 + i] as const,
      flags: syn,
    }));
    expect(meaningsOf(scan)).toEqual(['critical port-scan']);
  });

  test('an inside source that tries each of fifty ports again and again scans, and asks for no service', () => {
    const scan = times(200, (i) => ({
      from: '10.0.9.9',
      to: SERVER,
      ports: [50_000 + i, 1 + (i % 50)] as const,
      flags: syn,
    }));
    expect(meaningsOf(scan)).toEqual(['critical port-scan']);
  });

  test('a load balancer’s health checks are no sweep when all targets refuse them', () => {
    const checks = targets(30, 10, () => ({ flags: syn }));
    expect(meaningsOf(checks)).toEqual(['warning internal-service-rejected']);
  });

  test('a monitoring system that asks each minute is no sweep, and no scan of hosts with many exporters', () => {
    expect(meaningsOf(targets(30, 5, () => ({ flags: syn })))).toEqual(['warning internal-service-rejected']);
    const exporters = targets(12, 60, (_, time) => ({
      ports: [40_000 + time, 9100 + (time % 12)],
      flags: syn,
    }));
    expect(meaningsOf(exporters)).toEqual(['warning internal-service-rejected']);
  });

  test('ordinary scanning of the internet is background, and no targeted attack', () => {
    const random = (i: number) => (i * 7919) % 30_000;
    const scanning = times(400, (i) => ({
      eni: `eni-${i % 4}`,
      from: `198.51.${i % 200}.${i % 250}`,
      to: `10.0.0.${i % 4}`,
      ports: [40_000 + i, i % 3 === 0 ? 23 : 1 + random(i)] as const,
      flags: syn,
    }));
    expect(meaningsOf(scanning)).toEqual(['info admin-port-probe background']);
  });

  test('ordinary scanning of a port that is open to the inside is no public service going dark', () => {
    const used = times(
      50,
      (i) =>
        ({ from: '10.0.9.9', to: SERVER, ports: [40_000 + i, 6379], flags: syn, action: 'ACCEPT' }) as const,
    );
    const scanned = times(120, (i) => ({
      from: `198.51.100.${i}`,
      to: SERVER,
      ports: [45_000, [6379, 23, 445, 8080, 5555, 1433][i % 6]!] as const,
      flags: syn,
    }));
    expect(meaningsOf([...used, ...scanned])).toEqual(['info admin-port-probe background']);
  });

  test('a busy server’s late packets are late packets, to whatever ports', () => {
    const late = times(80, (i) => {
      const [client, clientPort] = [`198.51.100.${i}`, 1024 + i * 700];
      const [there, back] = [
        { from: client, to: SERVER, ports: [clientPort, 443] as const },
        { from: SERVER, to: client, ports: [443, clientPort] as const },
      ];
      return [
        { ...there, flags: syn, action: 'ACCEPT' as const },
        { ...back, flags: synAck, action: 'ACCEPT' as const },
        { ...back, flags: fin },
        { ...there, flags: fin },
      ];
    }).flat();
    expect(meaningsOf(late)).toEqual(['info late-packets']);
  });

  test('connections that close at once, of the object before, are no public service going dark', () => {
    const reconnects = times(300, (i) => {
      const [client, clientPort] = [`198.51.100.${i % 250}`, 33_000 + i];
      return [
        {
          from: client,
          to: SERVER,
          ports: [clientPort, 443] as const,
          flags: syn,
          action: 'ACCEPT' as const,
        },
        {
          from: SERVER,
          to: client,
          ports: [443, clientPort] as const,
          flags: synAck,
          action: 'ACCEPT' as const,
        },
      ];
    }).flat();
    const late = times(300, (i) => ({
      from: `198.51.100.${i % 250}`,
      to: SERVER,
      ports: [50_000 + i, 443] as const,
      flags: fin,
    }));
    for (const text of meaningsOf([...reconnects, ...late])) expect(text).toMatch(/^info /);
  });

  test('several public services at once go dark', () => {
    const mail = [25, 465, 587, 993, 143].flatMap((service) =>
      times(100, (i) => ({
        from: `198.51.100.${i}`,
        to: SERVER,
        ports: [50_000 + i, service] as const,
        flags: syn,
        ...(i < 20 ? { action: 'ACCEPT' as const } : {}),
      })),
    );
    expect(meaningsOf(mail)).toEqual(['warning public-service-rejected']);
  });

  test('a few late packets whose connections lie in the object before worry nobody', () => {
    const busy = times(
      60,
      (i) =>
        ({ from: '10.0.9.9', to: SERVER, ports: [40_000 + i, 5432], flags: syn, action: 'ACCEPT' }) as const,
    );
    const late = times(2, (i) => ({
      from: '10.0.8.8',
      to: SERVER,
      ports: [50_000 + i, 5432] as const,
      flags: fin,
    }));
    const quiet = {
      eni: 'eni-b',
      from: '10.0.8.8',
      to: '10.0.0.11',
      ports: [50_000, 5432] as const,
      flags: fin,
    };
    for (const text of meaningsOf([...busy, ...late, quiet])) expect(text).toMatch(/^info /);
  });

  test('replies that a network ACL refuses are no requests, and no scan of the ports they go to', () => {
    const replies = times(40, (i) => {
      const ends = { client: '10.1.0.5', port: 41_000 + i };
      return [
        {
          from: ends.client,
          to: SERVER,
          ports: [ends.port, 8443] as const,
          flags: syn,
          action: 'ACCEPT' as const,
        },
        { from: SERVER, to: ends.client, ports: [8443, ends.port] as const, flags: synAck },
      ];
    }).flat();
    expect(meaningsOf(replies)).toEqual(['warning reply-rejected']);
  });
});

test('a server that answers on ports below its own, because a stranger asked from them, is no scanner', () => {
  const answers = times(30, (i) => {
    const ports = [1 + i, 5060] as const;
    return [
      { from: '198.51.100.9', to: SERVER, ports, protocol: 17, action: 'ACCEPT' as const },
      { from: SERVER, to: '198.51.100.9', ports: [5060, 1 + i] as const, protocol: 17 },
    ];
  }).flat();
  expect(meaningsOf(answers)).toEqual(['warning reply-rejected']);
  // Without the questions, which may lie in another object.
  const [severity] = meaningsOf(answers.filter(({ from }) => from === SERVER))[0]!.split(' ');
  expect(severity).not.toBe('critical');
});

test.each([
  ['a name server’s late answers', [53, 40_000]],
  ['time servers among each other', [123, 123]],
] as const)('%s at many clients are no sweep', (_, [sourcePort, destinationPort]) => {
  const answers = targets(30, 1, (target) => ({
    ports: [sourcePort, destinationPort === 123 ? 123 : destinationPort + target],
    protocol: 17,
  }));
  for (const text of meaningsOf(answers)) expect(text).not.toMatch(/sweep|scan|critical/);
});

test('traceroute asks for many ports that nobody serves, and is no scan', () => {
  const probes = times(90, (i) => ({
    from: SERVER,
    to: '10.9.0.1',
    ports: [50_123, 33_434 + i] as const,
    protocol: 17,
  }));
  expect(meaningsOf(probes)).toEqual(['warning internal-service-rejected']);
});

test('what hosts tell groups of hosts is chatter, over IPv4 and IPv6 at once', () => {
  const own = '2001:db8:1234:a100::10';
  const chatter: FlowLine[] = [
    { from: SERVER, to: '224.0.0.251', ports: [5353, 5353], protocol: 17 },
    { from: own, to: 'ff02::fb', ports: [5353, 5353], protocol: 17 },
    { from: SERVER, to: '239.255.255.250', ports: [50_000, 1900], protocol: 17 },
    { from: own, to: 'ff02::16', ports: [0, 0], protocol: 58 },
    { from: own, to: 'ff02::2', ports: [0, 0], protocol: 58 },
    { from: SERVER, to: '224.0.0.22', ports: [0, 0], protocol: 2 },
  ];
  expect(meaningsOf(chatter)).toEqual(['info background']);
});

test('IPv6 inside the VPC is inside', () => {
  const [own, neighbour] = ['2001:db8:1234:a100::10', '2001:db8:1234:a1ff::20'];
  const learned = times(
    2,
    (i) => ({ from: own, to: `2600:9000::${i + 1}`, ports: [40_000, 443], action: 'ACCEPT' }) as const,
  );
  const asks = (from: string) =>
    times(5, (i) => ({ from, to: own, ports: [40_000 + i, 5432] as const, flags: 2 }));
  expect(meaningsOf([...learned, ...asks(neighbour)])).toEqual(['warning internal-service-rejected']);
  expect(meaningsOf([...learned, ...asks('2600:9000::3')])).toEqual(['info background']);
});

test('S3 through a gateway endpoint is no internet', () => {
  const s3 = { from: SERVER, to: '52.218.1.1', ports: [40_000, 443], flags: 2, service: 'S3' } as const;
  const [refused, ...others] = findingsOf([{ ...s3, route: 7 }]);
  expect(others).toEqual([]);
  expect(refused).toMatchObject({ path: 'aws-service', severity: 'warning', meanings: ['blocked-egress'] });
});

test('whatever a stranger sends to own servers, and these answer, nothing of it is critical', () => {
  const exchange = fc.record({
    server: fc.nat(11),
    port: fc.oneof(fc.integer({ min: 1, max: 1023 }), fc.nat(65_535)),
    isAnswer: fc.boolean(),
    flags: fc.constantFrom(1, 2, 4),
    answerFlags: fc.constantFrom(0, 1, 4, 18, 19),
    action: fc.constantFrom('ACCEPT' as const, 'REJECT' as const, 'REJECT' as const),
  });
  const run = fc.record({
    // Servers listen below the ports that clients get, and answer from where they were asked.
    service: fc.oneof(fc.constantFrom(22, 53, 443, 1194, 5060, 8443, 9999), fc.nat(32_767)),
    protocol: fc.constantFrom(1, 6, 17),
    knowsFlags: fc.boolean(),
    isOneServer: fc.boolean(),
    exchanges: fc.array(exchange, { minLength: 20, maxLength: 80 }),
  });
  fc.assert(
    fc.property(run, ({ service, protocol, knowsFlags, isOneServer, exchanges }) => {
      const flows = exchanges.map(({ server, port, isAnswer, flags, answerFlags, action }): FlowLine => {
        const eni = isOneServer ? 0 : server;
        const [own, stranger] = [`10.0.0.${eni}`, '198.51.100.9'];
        const ports = protocol === 1 ? [0, 0] : isAnswer ? [service, port] : [port, service];
        return {
          ...(isAnswer ? { from: own, to: stranger } : { from: stranger, to: own }),
          ...{ eni: `eni-${eni}`, ports: ports as [number, number], protocol, action },
          flags: knowsFlags && protocol === 6 ? (isAnswer ? answerFlags : flags) : '-',
        };
      });
      for (const { severity } of findingsOf(flows)) expect(severity).not.toBe('critical');
    }),
    { numRuns: 200 },
  );
});

test('what records mean does not depend on their order', () => {
  const flow = fc.record({
    eni: fc.constantFrom('eni-1', 'eni-2'),
    from: fc.constantFrom('10.0.0.1', '10.0.0.2', '198.51.100.1', '10.9.9.9'),
    to: fc.constantFrom('10.0.0.1', '10.0.0.2', '198.51.100.1'),
    ports: fc.tuple(fc.constantFrom(40_000, 41_000, 443), fc.nat(40)),
    protocol: fc.constantFrom(6, 17),
    flags: fc.constantFrom('-' as const, 2, 18, 1),
    action: fc.constantFrom('ACCEPT' as const, 'REJECT' as const, 'REJECT' as const),
  });
  const shuffled = fc
    .array(flow, { maxLength: 60 })
    .chain((flows) => fc.tuple(fc.constant(flows), fc.shuffledSubarray(flows, { minLength: flows.length })));
  const judged = (flows: readonly FlowLine[]) =>
    findingsOf(flows).map(({ resource_id, path, severity, meanings }) => ({
      resource_id,
      path,
      severity,
      meanings,
    }));
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      expect(judged(other)).toEqual(judged(one));
    }),
  );
});
