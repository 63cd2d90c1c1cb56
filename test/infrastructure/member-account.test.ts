// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of CloudFormation and of flow log formats
import { expect, test } from 'vitest';
import { memberAccountTemplate } from '../../infrastructure/member-account.ts';
import type { Resource } from '../../infrastructure/template.ts';

const template = memberAccountTemplate();
const flowLogs: readonly (Resource & { Condition: string })[] = Object.values(template.Resources);
const ofType = (type: string) => flowLogs.filter(({ Properties }) => Properties?.ResourceType === type);

/** CloudFormation matches the whole value. */
const allows = (parameter: string, value: string) => {
  const pattern = template.Parameters[parameter]?.AllowedPattern ?? 'no pattern';
  return new RegExp(`^(?:${pattern})$`).test(value);
};

test('there are parameters for targets of every type', () => {
  for (const type of [
    'VPC',
    'Subnet',
    'NetworkInterface',
    'RegionalNatGateway',
    'TransitGateway',
    'TransitGatewayAttachment',
  ]) {
    expect([type, ofType(type).length]).toEqual([type, 8]);
  }
});

test('a flow log exists only if its parameter names a target', () => {
  for (const { Condition, Properties } of flowLogs) {
    const { ResourceId } = Properties as { ResourceId: { Ref: string } };
    const target = ResourceId.Ref;
    expect(template.Parameters[target]?.Default).toBe('');
    expect(template.Conditions[Condition]).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: target }, ''] }] });
  }
  expect(new Set(flowLogs.map(({ Condition }) => Condition)).size).toBe(flowLogs.length);
});

test('a parameter takes ids of its type, or nothing', () => {
  expect(allows('Vpc1', 'vpc-0123456789abcdef0')).toBe(true);
  expect(allows('Vpc8', '')).toBe(true);
  expect(allows('Vpc1', 'subnet-0123abcd')).toBe(false);
  expect(allows('Tgw1', 'tgw-attach-0123abcd')).toBe(false);
  expect(allows('TgwAttach1', 'tgw-attach-0123abcd')).toBe(true);
});

test.each([
  ['arn:aws:s3:::log-archive', true],
  ['arn:aws:s3:::log-archive/', true],
  ['arn:aws-cn:s3:::log-archive/network/flow-logs/', true],
  ['arn:aws:s3:::log-archive/network', false],
  ['arn:aws:s3:::log-archive/AWSLogs/', false],
  ['log-archive', false],
])('a destination %s is taken: %s', (arn, taken) => {
  expect(allows('Destination', arn)).toBe(taken);
});

test.each([
  ['', true],
  ['${srcaddr}', true],
  ['${version} ${pkt-srcaddr}', true],
  ['version srcaddr', false],
  ['${version}  ${srcaddr}', false],
])('a format "%s" is taken: %s', (format, taken) => {
  expect(allows('LogFormat', format)).toBe(taken);
});

test('the format is standard unless told otherwise, and AWS-default if empty', () => {
  const { Default } = template.Parameters.LogFormat ?? {};
  expect(Default).toMatch(/^\$\{version\} .+ \$\{reject-reason\} \$\{interface-type\}$/);
  expect(allows('LogFormat', String(Default))).toBe(true);
  expect(ofType('Subnet')[0]?.Properties?.LogFormat).toEqual({
    'Fn::If': ['HasLogFormat', { Ref: 'LogFormat' }, { Ref: 'AWS::NoValue' }],
  });
});

test('transit gateways have neither traffic type nor format, and 60 seconds', () => {
  for (const type of ['TransitGateway', 'TransitGatewayAttachment']) {
    const properties = ofType(type)[0]?.Properties;
    expect(properties).toMatchObject({ MaxAggregationInterval: 60 });
    expect(properties).not.toHaveProperty('TrafficType');
    expect(properties).not.toHaveProperty('LogFormat');
  }
});

test('a StackSet takes it: only flow logs, no transforms, and short enough to be given as text', () => {
  expect(new Set(flowLogs.map(({ Type }) => Type))).toEqual(new Set(['AWS::EC2::FlowLog']));
  expect(JSON.stringify(template)).not.toMatch(/"Transform"|"Fn::Transform"|AWS::Include/);
  // The limit of CreateStackSet's TemplateBody; the file is indented by one.
  expect(Buffer.byteLength(JSON.stringify(template, null, 1))).toBeLessThan(51_200);
});

test('every parameter stands in a group', () => {
  const { ParameterGroups } = template.Metadata['AWS::CloudFormation::Interface'] as {
    ParameterGroups: { Parameters: string[] }[];
  };
  expect(ParameterGroups.flatMap(({ Parameters }) => Parameters).sort()).toEqual(
    Object.keys(template.Parameters).sort(),
  );
});
