import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

interface Exchange {
  readonly inside?: string;
  readonly port?: number;
  readonly far?: string;
  readonly farPort?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
}

/** What an inside service gets from an address on the internet, and sends to it. */
function exchange(ends: Exchange = {}, fields: LakeRecord = {}): LakeRecord[] {
  const { inside = '10.0.0.2', port = 11_211, far = '203.0.113.9', farPort = 40_000 } = ends;
  const { bytesIn = 100, bytesOut = 50_000 } = ends;
  const both = { protocol: 17, ...fields };
  return [
    flow({ ...both, srcaddr: far, dstaddr: inside, srcport: farPort, dstport: port, bytes: bytesIn }),
    flow({ ...both, srcaddr: inside, dstaddr: far, srcport: port, dstport: farPort, bytes: bytesOut }),
  ];
}

test('finds services that answer the internet, with what they send for what they get', async () => {
  await plant([
    ...exchange(),
    ...exchange({ farPort: 40_001 }),
    ...exchange({ far: '198.51.100.7', bytesIn: 300, bytesOut: 60_000 }, { end: FIVE_O_CLOCK + 90 }),
    ...exchange({ inside: '10.0.0.3', port: 389, bytesOut: 900_000 }),
  ]);
  expect(await ask('amplification-ports')).toEqual([
    expect.objectContaining({ server: '10.0.0.3', port: 389, service: 'cldap', amplification: 9000 }),
    {
      server: '10.0.0.2',
      port: 11_211,
      service: 'memcached',
      clients: 2,
      bytes_in: 500,
      bytes_out: 160_000,
      amplification: 320,
      largest_client: '203.0.113.9',
      bytes_to_largest_client: 100_000,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:30Z',
    },
  ]);
});

test('knows the services that are abused', async () => {
  const services = {
    17: 'qotd',
    19: 'chargen',
    53: 'dns',
    69: 'tftp',
    111: 'portmap',
    123: 'ntp',
    137: 'netbios',
    161: 'snmp',
    389: 'cldap',
    520: 'rip',
    1900: 'ssdp',
    3702: 'ws-discovery',
    5353: 'mdns',
    11211: 'memcached',
    27015: 'steam',
  };
  await plant(Object.keys(services).flatMap((port) => exchange({ port: Number(port) })));
  const rows = await ask('amplification-ports');
  expect(Object.fromEntries(rows.map(({ port, service }) => [port, service]))).toEqual(services);
});

test.each([80, 53, 123, 65_000])('a forged request may have port %i on its other side', async (farPort) => {
  await plant(exchange({ port: 123, farPort }));
  expect(await ask('amplification-ports')).toMatchObject([
    { server: '10.0.0.2', port: 123, amplification: 500 },
  ]);
});

test('a service that answers with as much as it gets is shown, too', async () => {
  await plant(exchange({ port: 123, bytesIn: 76, bytesOut: 76 }));
  expect(await ask('amplification-ports')).toMatchObject([{ port: 123, amplification: 1 }]);
});

test('two flow logs over one interface count once', async () => {
  await plant(exchange(), objectOf('fl-0a'));
  await plant(exchange(), objectOf('fl-0b'));
  expect(await ask('amplification-ports')).toMatchObject([{ bytes_in: 100, bytes_out: 50_000, clients: 1 }]);
});

test.each([
  ['a client of an outside service', exchange({ port: 40_000, farPort: 53 })],
  [
    'a time client that speaks from port 123',
    exchange({ port: 123, farPort: 123, bytesIn: 76, bytesOut: 76 }),
  ],
  [
    'a download to a client that happens to have the port',
    exchange({ port: 1900, farPort: 443, bytesIn: 90_000 }),
  ],
  ['what gets no answer', exchange().slice(0, 1)],
  ['what is rejected', exchange({}, { action: 'REJECT' })],
  ['TCP', exchange({}, { protocol: 6 })],
  [
    'clients inside',
    exchange({ far: '10.0.0.9' }).map((record, index) => ({
      ...record,
      flow_direction: index === 0 ? 'ingress' : 'egress',
    })),
  ],
  ['other services', exchange({ port: 443 })],
  ["a NAT gateway's own side", exchange({ port: 1900 }, { interface_type: 'nat_gateway' })],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await ask('amplification-ports')).toEqual([]);
});
