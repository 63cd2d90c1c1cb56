import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const rejected = (record: Parameters<typeof flow>[0]) => flow({ action: 'REJECT', ...record });

describe('rejected-traffic', () => {
  test('adds up refused requests by connection and interface, the most frequent first', async () => {
    const request = {
      srcaddr: '10.0.0.1',
      dstaddr: '10.0.0.2',
      dstport: 5432,
      interface_id: 'eni-2',
      packets: 3,
    };
    await plant([
      rejected({ ...request, srcport: 40_001 }),
      rejected({ ...request, srcport: 40_002, start: FIVE_O_CLOCK + 3600, end: FIVE_O_CLOCK + 3660 }),
      rejected({ srcaddr: '10.0.0.9', dstport: 22, interface_id: 'eni-2', packets: 50 }),
      flow({ dstport: 443 }),
    ]);
    expect(await ask('rejected-traffic')).toEqual([
      {
        client: '10.0.0.1',
        server: '10.0.0.2',
        port: 5432,
        protocol: 6,
        refused: 'request',
        interface_id: 'eni-2',
        reject_reason: null,
        flows: 2,
        packets: 6,
        first_seen: '2026-11-20T05:00:00Z',
        last_seen: '2026-11-20T06:01:00Z',
      },
      expect.objectContaining({ client: '10.0.0.9', port: 22, flows: 1, packets: 50 }),
    ]);
  });

  test.each([
    ['a request of a client', { srcport: 40_000, dstport: 443 }, 'request', 443],
    ['the reply of a well-known service', { srcport: 443, dstport: 1500 }, 'reply', 443],
    ['the reply of another service', { srcport: 5432, dstport: 50_000 }, 'reply', 5432],
    ['a request between high ports', { srcport: 50_000, dstport: 50_001 }, 'request', 50_001],
    ['a SYN from a low port', { srcport: 443, dstport: 50_000, tcp_flags: 2 }, 'request', 50_000],
    ['a SYN-ACK from a high port', { srcport: 50_001, dstport: 2000, tcp_flags: 18 }, 'reply', 50_001],
    ['a ping', { srcport: 0, dstport: 0, protocol: 1 }, 'request', 0],
  ])('takes %s for what it is and names the service port', async (_, ports, refused, port) => {
    await plant([rejected(ports)]);
    const client = refused === 'request' ? '10.0.0.1' : '10.0.0.2';
    expect(await ask('rejected-traffic')).toMatchObject([{ refused, port, client }]);
  });

  test.each([
    ['10.0.0.2/32', 1],
    ['10.0.0.1', 1],
    ['10.0.1.0/24', 0],
    ['2001:db8::/32', 0],
  ])('the network %s keeps %i connections', async (network, count) => {
    await plant([rejected({})]);
    expect(await ask('rejected-traffic', { params: { network } })).toHaveLength(count);
  });

  test('works for formats without ports and counters, and shows the true ends and the reason', async () => {
    await plant([
      {
        srcaddr: '10.0.0.220',
        dstaddr: '10.0.0.2',
        pkt_srcaddr: '10.0.1.5',
        action: 'REJECT',
        reject_reason: 'BPA',
      },
    ]);
    expect(await ask('rejected-traffic')).toEqual([
      {
        client: '10.0.1.5',
        server: '10.0.0.2',
        port: null,
        protocol: null,
        refused: 'request',
        interface_id: null,
        reject_reason: 'BPA',
        flows: 1,
        packets: null,
        first_seen: null,
        last_seen: null,
      },
    ]);
  });
});

describe('top-rejected-ports', () => {
  test('counts sources and targets of each refused port', async () => {
    await plant([
      rejected({ srcaddr: '203.0.113.1', dstport: 23, packets: 1 }),
      rejected({ srcaddr: '203.0.113.2', dstport: 23, packets: 2 }),
      rejected({ srcaddr: '203.0.113.2', dstport: 23, packets: 4, dstaddr: '10.0.0.3' }),
      rejected({ srcaddr: '203.0.113.2', dstport: 53, protocol: 17 }),
    ]);
    expect(await ask('top-rejected-ports')).toEqual([
      {
        port: 23,
        protocol: 6,
        flows: 3,
        packets: 7,
        sources: 2,
        targets: 2,
        first_seen: '2026-11-20T05:00:00Z',
        last_seen: '2026-11-20T05:01:00Z',
      },
      expect.objectContaining({ port: 53, protocol: 17, flows: 1 }),
    ]);
  });

  test('leaves out replies, protocols without ports and accepted traffic', async () => {
    await plant([
      rejected({ srcport: 443, dstport: 51_000 }),
      rejected({ srcport: 0, dstport: 0, protocol: 1 }),
      flow({ dstport: 23 }),
    ]);
    expect(await ask('top-rejected-ports')).toEqual([]);
  });

  test('works without the protocol', async () => {
    await plant([{ dstport: 23, action: 'REJECT' }]);
    expect(await ask('top-rejected-ports')).toMatchObject([
      { port: 23, protocol: null, flows: 1, sources: 0 },
    ]);
  });
});
