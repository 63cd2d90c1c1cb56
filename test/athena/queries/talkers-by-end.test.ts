import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const nextDay = FIVE_O_CLOCK + 86_400;

describe.each([
  ['talkers-by-source', 'source', 'destinations', 'srcaddr', 'dstaddr'],
  ['talkers-by-destination', 'destination', 'sources', 'dstaddr', 'srcaddr'],
] as const)('%s', (name, end, peers, address, peer) => {
  const between = (talker: string, other: string, fields = {}) =>
    flow({ [address]: talker, [peer]: other, ...fields });

  test('adds up the bytes of each address with its peers and days, the most first', async () => {
    await plant([
      between('10.0.0.1', '203.0.113.1', { bytes: 10 }),
      between('10.0.0.1', '203.0.113.2', { bytes: 20, packets: 3, start: nextDay }),
      between('10.0.0.2', '203.0.113.1', { bytes: 500 }),
      between('10.0.0.3', '203.0.113.1', { bytes: 9000, action: 'REJECT' }),
    ]);
    expect(await ask(name)).toEqual([
      { [end]: '10.0.0.2', bytes: 500, packets: 1, [peers]: 1, days: 1 },
      { [end]: '10.0.0.1', bytes: 30, packets: 4, [peers]: 2, days: 2 },
    ]);
  });

  test('counts once what both ends and two flow logs record', async () => {
    const records = [
      between('10.0.0.1', '10.0.0.2', { interface_id: 'eni-1', flow_direction: 'egress' }),
      between('10.0.0.1', '10.0.0.2', { interface_id: 'eni-2', flow_direction: 'ingress' }),
    ];
    await plant(records, objectOf('fl-0a'));
    await plant(records, objectOf('fl-0b'));
    expect(await ask(name)).toMatchObject([{ [end]: '10.0.0.1', bytes: 100, packets: 1, [peers]: 1 }]);
  });

  test('a network narrows it to talkers there, not to their peers', async () => {
    await plant([between('10.0.0.1', '203.0.113.1'), between('203.0.113.1', '10.0.0.1')]);
    const params = { network: '10.0.0.0/8' };
    expect(await ask(name, { params })).toMatchObject([{ [end]: '10.0.0.1', bytes: 100 }]);
  });

  test('is empty when nothing got through', async () => {
    await plant([between('10.0.0.1', '10.0.0.2', { action: 'REJECT' })]);
    expect(await ask(name)).toEqual([]);
  });
});
