import { expect, test } from 'vitest';
import { createPlaceByName } from '../../../shared/findings/named-networks.ts';
import { CONTEXT, observeText } from './observe-text.ts';

const placeOf = createPlaceByName({
  inside: ['203.0.113.0/24', '2001:db8:1::/48'],
  onPremises: ['10.200.0.0/16', '203.0.113.64/26'],
});

test.each([
  ['203.0.113.9', 'inside'],
  // In both: inside.
  ['203.0.113.70', 'inside'],
  ['2001:db8:1::5', 'inside'],
  ['2001:db8:2::5', undefined],
  ['10.200.255.1', 'on-premises'],
  ['10.201.0.1', undefined],
  ['::ffff:10.200.0.1', 'on-premises'],
  ['no address', undefined],
  [undefined, undefined],
])('%s is %s', (address, place) => {
  expect(placeOf?.(address)).toBe(place);
});

const FROM_OFFICE = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags
2 123456789010 eni-0a 203.0.113.9 10.0.2.7 40000 5432 6 3 180 1763600000 1763600050 REJECT OK 2`;

test('who comes from a named network is no stranger of the internet', () => {
  const found = (inside: string[], onPremises: string[]) =>
    observeText(FROM_OFFICE, { ...CONTEXT, networks: { inside, onPremises } }).findings;
  expect(found([], [])).toMatchObject([{ path: 'internet-to-subnet', severity: 'info' }]);
  expect(found([], ['203.0.113.0/24'])).toMatchObject([
    { path: 'on-premises', severity: 'warning', meanings: ['internal-service-rejected'] },
  ]);
  const [inside] = found(['203.0.113.0/24'], []);
  expect(inside).toMatchObject({ path: 'subnet-to-subnet', top_sources: [{ inside: true }] });
});
