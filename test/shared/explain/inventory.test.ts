import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { QueryError } from '../../../athena/query-error.ts';
import {
  flowLogsOf,
  InventoryError,
  interfacesWithAddress,
  parseInventory,
} from '../../../shared/explain/inventory.ts';
import { DEFAULT_VPC_FORMAT } from '../../../shared/flow-log/fields.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/inventory');
const fixture = (name: string) => ({ name, text: readFileSync(join(FIXTURES, name), 'utf8') });
const file = (content: unknown, name = 'given.json') => ({ name, text: JSON.stringify(content) });
const INTERFACES = fixture('network-interfaces.json');
const STAGING = fixture('network-interfaces-staging.json');
const FLOW_LOGS = fixture('flow-logs.json');
const ALL = parseInventory([INTERFACES, STAGING, FLOW_LOGS]);
const WEB = 'eni-0aaaaaaaaaaaaaaa1';

describe('an interface', () => {
  test('has all that the API says of it', () => {
    expect(ALL.interfaces.get(WEB)).toEqual({
      interfaceId: WEB,
      kind: 'instance',
      name: 'web-1',
      accountId: '111122223333',
      vpcId: 'vpc-0aaaaaaaaaaaaaaaa',
      subnetId: 'subnet-0aaaaaaaaaaaaaaaa',
      azId: 'euw1-az2',
      availabilityZone: 'eu-west-1a',
      instanceId: 'i-0598c7d356eba48d7',
      primaryAddress: '10.0.1.5',
      addresses: ['10.0.1.5', '10.0.1.6', '2001:db8:1234:a100::5'],
      publicAddresses: new Map([
        ['203.0.113.10', '10.0.1.5'],
        ['203.0.113.11', '10.0.1.6'],
      ]),
    });
  });
  test('is named after its service', () => {
    expect(ALL.interfaces.get('eni-0aaaaaaaaaaaaaaa2')).toMatchObject({
      kind: 'load-balancer',
      name: 'load balancer app/shop',
      instanceId: undefined,
      publicAddresses: new Map(),
    });
  });
  test('may have nothing but its id', () => {
    const { interfaces } = parseInventory([file({ NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1' }] })]);
    expect(interfaces.get('eni-1')).toMatchObject({ kind: 'other', name: undefined, addresses: [] });
  });
  test('in several files is as the later one has it', () => {
    const newer = file({ NetworkInterfaces: [{ NetworkInterfaceId: WEB, PrivateIpAddress: '10.0.9.9' }] });
    const addressesIn = (...files: Parameters<typeof parseInventory>[0]) =>
      parseInventory(files).interfaces.get(WEB)?.addresses;
    expect(addressesIn(INTERFACES, newer)).toEqual(['10.0.9.9']);
    expect(addressesIn(newer, INTERFACES)).toContain('10.0.1.5');
  });
});

describe('an address is found', () => {
  const found = (address: string) =>
    interfacesWithAddress(ALL, address).map(({ interfaceId }) => interfaceId);
  test.each([
    ['a secondary one', '10.0.1.6'],
    ['a public one', '203.0.113.10'],
    ['the public one of a secondary one', '203.0.113.11'],
    ['IPv6 as flow logs write it', '2001:db8:1234:a100::5'],
    ['IPv6 in another way', '2001:0DB8:1234:A100:0000::5'],
  ])('%s', (_, address) => expect(found(address)).toEqual([WEB]));
  test('on all interfaces that have it, whatever their account', () => {
    expect(found('10.0.1.5')).toEqual([WEB, 'eni-0bbbbbbbbbbbbbbb1']);
  });
  test('nowhere if nobody has it, or if it is none', () => {
    expect([...found('10.9.9.9'), ...found('10.0.1'), ...found('web-1')]).toEqual([]);
  });
});

describe('a flow log', () => {
  const [ofVpc, ofSubnet, ofTransitGateway] = ALL.flowLogs;
  test('has its format, also fields that AWS has added since', () => {
    expect(ofVpc).toEqual({
      flowLogId: 'fl-0aaaaaaaaaaaaaaaa',
      resourceId: 'vpc-0aaaaaaaaaaaaaaaa',
      trafficType: 'ALL',
      format: ['version', 'interface-id', 'srcaddr', 'dstaddr', 'action', 'tcp-flags', 'new-in-2027'],
      intervalSeconds: 60,
      isActive: true,
      destination: 'arn:aws:s3:::flow-logs-111122223333',
      problem: undefined,
    });
  });
  test('says why AWS cannot deliver it', () => {
    expect(ofSubnet).toMatchObject({ isActive: true, problem: 'Access error' });
  });
  test('that holds one action, elsewhere than in S3', () => {
    expect(ofSubnet).toMatchObject({ trafficType: 'REJECT', destination: 'rejected', intervalSeconds: 600 });
    expect(ofSubnet?.format).toEqual(DEFAULT_VPC_FORMAT);
  });
  test('of a transit gateway has no traffic type: it holds everything', () => {
    expect(ofTransitGateway).toMatchObject({ trafficType: 'ALL', resourceId: 'tgw-0123456789abcdef0' });
    expect(ofTransitGateway?.format).toContain('packets-lost-no-route');
  });
  test('may be told by its id and resource alone', () => {
    const { flowLogs } = parseInventory([
      file({ FlowLogs: [{ FlowLogId: 'fl-1', ResourceId: 'eni-1', DeliverLogsStatus: 'FAILED' }] }),
    ]);
    expect(flowLogs).toEqual([
      {
        ...{ flowLogId: 'fl-1', resourceId: 'eni-1', trafficType: 'ALL', format: undefined },
        ...{ intervalSeconds: undefined, isActive: false, destination: undefined },
        problem: 'AWS does not say why',
      },
    ]);
  });
  test.each([
    ['a format that no log can have', { LogFormat: 'srcaddr srcaddr' }],
    ['an interval that is none of AWS', { MaxAggregationInterval: 5 }],
  ])('is told without %s', (_, given) => {
    const { flowLogs } = parseInventory([
      file({ FlowLogs: [{ FlowLogId: 'fl-1', ResourceId: 'eni-1', ...given }] }),
    ]);
    expect(flowLogs).toMatchObject([{ format: undefined, intervalSeconds: undefined }]);
  });
  test('in several files is there once', () => {
    expect(parseInventory([FLOW_LOGS, FLOW_LOGS]).flowLogs).toEqual(ALL.flowLogs);
  });
});

describe('the flow logs of an interface', () => {
  const idsOf = (interfaceId: string) =>
    flowLogsOf(ALL, ALL.interfaces.get(interfaceId)!).map(({ flowLogId }) => flowLogId);
  test('are those of its VPC, its subnet and its own', () => {
    const own = file({ FlowLogs: [{ FlowLogId: 'fl-own', ResourceId: WEB }] });
    const inventory = parseInventory([INTERFACES, FLOW_LOGS, own]);
    expect(flowLogsOf(inventory, inventory.interfaces.get(WEB)!).map(({ flowLogId }) => flowLogId)).toEqual([
      'fl-0aaaaaaaaaaaaaaaa',
      'fl-0aaaaaaaaaaaaaaab',
      'fl-own',
    ]);
  });
  test('are not those of another subnet', () => {
    expect(idsOf('eni-0aaaaaaaaaaaaaaa2')).toEqual(['fl-0aaaaaaaaaaaaaaaa']);
  });
  test('are none in a VPC that nobody logs', () => expect(idsOf('eni-0bbbbbbbbbbbbbbb1')).toEqual([]));
});

test('whether flow logs were given is known, be it that there are none', () => {
  expect(parseInventory([]).knowsFlowLogs).toBe(false);
  expect(parseInventory([INTERFACES]).knowsFlowLogs).toBe(false);
  expect(parseInventory([INTERFACES, file({ FlowLogs: [] })]).knowsFlowLogs).toBe(true);
});

describe('a file that is no inventory is wrong usage', () => {
  const problemOf = (content: string): string => {
    try {
      parseInventory([INTERFACES, { name: 'my.json', text: content }]);
    } catch (error) {
      expect(error).toBeInstanceOf(InventoryError);
      expect(error).toBeInstanceOf(QueryError);
      return (error as Error).message;
    }
    throw new Error('was taken');
  };
  const oneInterface = (item: object) => JSON.stringify({ NetworkInterfaces: [item] });
  test.each([
    ['nothing', '', 'my.json is not one JSON document'],
    ['two pages in one file', '{"FlowLogs": []}\n{"FlowLogs": []}', 'my.json is not one JSON document'],
    ['another command', '{"Vpcs": []}', 'my.json has neither NetworkInterfaces nor FlowLogs at its top'],
    ['a part cut out by --query', '[{"FlowLogId": "fl-1"}]', 'my.json has neither'],
    ['a lone value', 'null', 'my.json has neither'],
    ['no id', oneInterface({}), 'NetworkInterfaces[0].NetworkInterfaceId is missing'],
    [
      'no address',
      oneInterface({ NetworkInterfaceId: 'eni-1', Ipv6Addresses: [{ Ipv6Address: 'here\u001b' }] }),
      'NetworkInterfaces[0].Ipv6Addresses[0].Ipv6Address is "here\\u001b", which AWS does not write',
    ],
    ['no list', '{"FlowLogs": {}}', 'FlowLogs is {}, which AWS does not write'],
    [
      'an unknown traffic type',
      '{"FlowLogs": [{"FlowLogId": "fl-1", "ResourceId": "vpc-1", "TrafficType": "SOME"}]}',
      'FlowLogs[0].TrafficType is "SOME"',
    ],
  ])('%s', (_, content, problem) => {
    const message = problemOf(content);
    expect(message).toContain(problem);
    expect(message).toContain('aws ec2 describe-network-interfaces');
    expect(message).toContain('aws ec2 describe-flow-logs');
  });
});
