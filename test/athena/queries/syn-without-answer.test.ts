import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
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

describe('a source port that is used again is another attempt', () => {
  const atBoth = (record: LakeRecord): LakeRecord[] => {
    const isToServer = record.srcaddr === undefined;
    const [near, far] = isToServer ? ['egress', 'ingress'] : ['ingress', 'egress'];
    const seconds = Number(record.start ?? FIVE_O_CLOCK);
    return [
      flow({ ...record, flow_direction: near, end: seconds + 5 }),
      // The clock of the other end is a second ahead.
      flow({
        ...{ ...record, interface_id: 'eni-b', flow_direction: far },
        ...{ start: seconds + 1, end: seconds + 6 },
      }),
    ];
  };
  const answered = [...atBoth({ tcp_flags: 3 }), ...atBoth({ ...back, tcp_flags: 19 })];

  test.each<[string, LakeRecord[], [number, number]]>([
    ['after its close', [...answered, ...atBoth({ tcp_flags: 2, start: FIVE_O_CLOCK + 60 })], [1, 1]],
    [
      'after three minutes, though no close was seen',
      [
        ...[...atBoth({ tcp_flags: 2 }), ...atBoth({ ...back, tcp_flags: 18 })],
        ...atBoth({ tcp_flags: 2, start: FIVE_O_CLOCK + 3600 }),
      ],
      [1, 1],
    ],
    [
      'after it was refused by a filter',
      [flow({ ...syn, action: 'REJECT' }), ...atBoth({ tcp_flags: 2, start: FIVE_O_CLOCK + 3600 })],
      [1, 0],
    ],
    [
      'not where the SYN is only repeated',
      [...atBoth({ tcp_flags: 2 }), ...atBoth({ tcp_flags: 2, start: FIVE_O_CLOCK + 60 })],
      [1, 0],
    ],
  ])('%s', async (_, records, counts) => {
    await plant(records);
    const rows = await ask('syn-without-answer');
    expect(rows.map(({ unanswered, answered: fine }) => [unanswered, fine])).toEqual([counts]);
  });
});
