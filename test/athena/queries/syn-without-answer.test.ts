import { expect, test } from 'vitest';
import { flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const syn = { tcp_flags: 2, flow_direction: 'egress' };
const back = { srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000 };

test('counts unanswered requests by client, server and port, and those that reached the target', async () => {
  await plant([
    flow(syn),
    flow({ ...syn, interface_id: 'eni-b', flow_direction: 'ingress' }),
    flow({ ...syn, srcport: 40_001 }),
    flow({ ...syn, srcport: 40_002 }),
    flow({ ...back, dstport: 40_002, tcp_flags: 18 }),
    flow({ ...syn, dstport: 22 }),
  ]);
  expect(await ask('syn-without-answer')).toEqual([
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 443,
      unanswered: 2,
      reached_target: 1,
      answered: 1,
      first_unanswered: '2026-11-20T05:00:00Z',
      last_unanswered: '2026-11-20T05:01:00Z',
    },
    expect.objectContaining({ port: 22, unanswered: 1, reached_target: 0, answered: 0 }),
  ]);
  expect(await ask('syn-without-answer', { params: { min_unanswered: '2' } })).toHaveLength(1);
});

test.each([
  ['an answer at another interface', [flow(syn), flow({ ...back, tcp_flags: 18, interface_id: 'eni-b' })]],
  ['a reset', [flow(syn), flow({ ...back, tcp_flags: 4 })]],
  ['what was refused at the target', [flow(syn), flow({ ...syn, interface_id: 'eni-b', action: 'REJECT' })]],
  ['a connection that was open before', [flow({ tcp_flags: 0 })]],
  ['formats without TCP flags', [flow({})]],
  ['what a NAT gateway drops', [flow({ ...syn, flow_direction: 'ingress', interface_type: 'nat_gateway' })]],
  ['UDP', [flow({ protocol: 17 })]],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await ask('syn-without-answer', { params: { min_unanswered: '0' } })).toEqual([]);
});
