// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of CloudFormation and of flow log formats
import { describe, expect, test } from 'vitest';
import { vpcFlowLogFormat } from '../../infrastructure/flow-log-formats.ts';
import { VPC_FIELDS } from '../../shared/flow-log/fields.ts';
import { formatOfHeader } from '../../shared/flow-log/header.ts';
import { stackParameters } from './stack-parameters.ts';

const formatOf = (flowLogs: object) => vpcFlowLogFormat(stackParameters({ flowLogs }).flowLogs);
const fieldsOf = (flowLogs: object) =>
  (formatOf(flowLogs).LogFormat ?? '').split(' ').map((item) => /^\$\{(.+)\}$/.exec(item)?.[1] ?? item);

test('standard is versions 2 to 5 without sublocations, and reject-reason and interface-type', () => {
  const fields = fieldsOf({});
  const version = (name: string) => VPC_FIELDS.find((field) => field.name === name)?.version ?? 0;
  expect(fields.filter((name) => version(name) > 5)).toEqual(['reject-reason', 'interface-type']);
  expect(fields.filter((name) => name.startsWith('sublocation'))).toEqual([]);
  expect(fields).toHaveLength(29);
});

test('default leaves the format to AWS', () => {
  expect(formatOf({ format: 'default' })).toEqual({});
});

test('full has no ECS fields and no tag fields that nobody asked for', () => {
  const fields = fieldsOf({ format: 'full' });
  expect(VPC_FIELDS.map(({ name }) => name).filter((name) => !fields.includes(name))).toEqual([
    'ecs-cluster-arn',
    'ecs-cluster-name',
    'ecs-container-instance-arn',
    'ecs-container-instance-id',
    'ecs-container-id',
    'ecs-second-container-id',
    'ecs-service-name',
    'ecs-task-definition-arn',
    'ecs-task-arn',
    'ecs-task-id',
    'instance-tag',
    'instance-tag-2',
    'interface-tag',
    'interface-tag-2',
    'asg-tag',
    'asg-tag-2',
  ]);
});

test('full with everything has all fields', () => {
  const two = ['Team', 'Service'];
  const tagKeys = { 'network-interface': two, instance: two, 'auto-scaling-group': two };
  expect(fieldsOf({ format: 'full', ecsFields: true, tagKeys })).toEqual(VPC_FIELDS.map(({ name }) => name));
});

test('each tag key brings its field: the first the first, the second the second', () => {
  const tagKeys = { 'auto-scaling-group': ['Team'], instance: ['Team', 'Service'] };
  const format = formatOf({ format: 'full', tagKeys });
  expect(fieldsOf({ format: 'full', tagKeys }).filter((name) => name.includes('-tag'))).toEqual([
    'instance-tag',
    'instance-tag-2',
    'asg-tag',
  ]);
  expect(format.TagFieldSpecifications).toEqual([
    { ResourceType: 'instance', TagKeys: ['Team', 'Service'] },
    { ResourceType: 'auto-scaling-group', TagKeys: ['Team'] },
  ]);
});

test("a format of one's own keeps its order and may have tag fields", () => {
  expect(
    formatOf({
      format: '${interface-tag} ${dstaddr} ${srcaddr}',
      tagKeys: { 'network-interface': ['Team'] },
    }),
  ).toEqual({
    LogFormat: '${interface-tag} ${dstaddr} ${srcaddr}',
    TagFieldSpecifications: [{ ResourceType: 'network-interface', TagKeys: ['Team'] }],
  });
});

test('every format is one that ingest reads from the header that AWS writes of it', () => {
  for (const flowLogs of [{}, { format: 'full', ecsFields: true }, { format: '${srcaddr} ${bytes}' }]) {
    const fields = fieldsOf(flowLogs);
    expect(formatOfHeader(fields)?.columns.map(({ name }) => name)).toEqual(fields);
  }
});

describe('refused with a sentence', () => {
  test.each([
    [
      'an unknown field',
      { format: '${version} ${srcadr}' },
      'Unknown flow log field "srcadr". Did you mean "srcaddr"',
    ],
    ['an unknown name', { format: 'standart' }, 'Did you mean "standard"'],
    ['a transit gateway field', { format: '${version} ${tgw-id}' }, 'Unknown flow log field "tgw-id"'],
    ['fields without spaces', { format: '${version}${srcaddr}' }, 'Unknown flow log field'],
    ['a field twice', { format: '${srcaddr} ${srcaddr}' }, 'names "srcaddr" twice'],
    [
      'ECS fields elsewhere than in full',
      { ecsFields: true },
      'flowLogs.ecsFields adds to the format "full" only',
    ],
    [
      'a tag field without its key',
      { format: '${srcaddr} ${instance-tag} ${instance-tag-2}', tagKeys: { instance: ['Team'] } },
      'flowLogs.format names instance-tag-2, but flowLogs.tagKeys.instance has no key',
    ],
    [
      'a tag key without its field',
      { format: 'standard', tagKeys: { instance: ['Team'] } },
      'flowLogs.tagKeys.instance has the key "Team", but flowLogs.format has no instance-tag',
    ],
    [
      'a tag key in the default format',
      { format: 'default', tagKeys: { instance: ['Team'] } },
      'flowLogs.format has no instance-tag',
    ],
  ])('%s', (_, flowLogs, message) => {
    expect(() => formatOf(flowLogs)).toThrow(message);
  });

  test('the message names the parameter and what it takes', () => {
    expect(() => formatOf({ format: 'vesion' })).toThrow(
      /^flowLogs\.format can't be used: .+ It takes standard, default, full, or the fields/,
    );
  });
});
