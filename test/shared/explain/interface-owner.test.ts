import { expect, test } from 'vitest';
import { type InterfaceTraits, ownerOf } from '../../../shared/explain/interface-owner.ts';

const UUID = '30bb1fd5-e726-4d80-9ff2-52fd62cd548c';

/** What the API says, and what people are told. Descriptions as they are found in public repositories. */
const EXAMPLES: readonly (readonly [told: string, kind: string, traits: InterfaceTraits])[] = [
  ['load balancer app/web', 'load-balancer', { description: 'ELB app/web/50dc6c495c0c9188' }],
  [
    'load balancer net/orders',
    'load-balancer',
    { type: 'network_load_balancer', description: 'ELB net/orders/e9184833c2c1b7fc' },
  ],
  [
    'load balancer gwy/fw',
    'load-balancer',
    { type: 'gateway_load_balancer', description: 'ELB gwy/fw/0f1e' },
  ],
  ['load balancer classic-web', 'load-balancer', { description: 'ELB classic-web' }],
  [
    'NAT gateway nat-0a8b0e0d28266841f',
    'nat-gateway',
    { type: 'nat_gateway', description: 'Interface for NAT Gateway nat-0a8b0e0d28266841f' },
  ],
  ['NAT gateway', 'nat-gateway', { type: 'nat_gateway', description: '' }],
  [
    'VPC endpoint vpce-019b90d6f16d4f958',
    'vpc-endpoint',
    { type: 'vpc_endpoint', description: 'VPC Endpoint Interface vpce-019b90d6f16d4f958' },
  ],
  [
    'VPC endpoint vpce-0cc199f605eaeace7',
    'vpc-endpoint',
    { type: 'interface', description: 'VPC Endpoint Interface: vpce-0cc199f605eaeace7' },
  ],
  ['VPC endpoint firewall', 'vpc-endpoint', { type: 'gateway_load_balancer_endpoint', nameTag: 'firewall' }],
  [
    'transit gateway attachment tgw-attach-0fadefb9eff283b00',
    'transit-gateway',
    { description: 'Network Interface for Transit Gateway Attachment tgw-attach-0fadefb9eff283b00' },
  ],
  [
    'Lambda function checkout',
    'lambda',
    { type: 'lambda', description: `AWS Lambda VPC ENI-checkout-${UUID}` },
  ],
  ['Lambda function check-out', 'lambda', { description: 'AWS Lambda VPC ENI-check-out' }],
  ['Lambda function checkout', 'lambda', { description: 'AWS Lambda VPC ENI: checkout' }],
  ['Lambda function', 'lambda', { description: `AWS Lambda VPC ENI: ${UUID}` }],
  ['Lambda function', 'lambda', { description: 'AWS Lambda VPC ENI' }],
  ['RDS-managed database', 'rds', { description: 'RDSNetworkInterface' }],
  ['RDS-managed database orders', 'rds', { description: 'RDSNetworkInterface', nameTag: 'orders' }],
  ['RDS proxy orders-proxy', 'rds', { description: 'Network interface for DBProxy orders-proxy' }],
  ['ElastiCache sessions-001', 'elasticache', { description: 'ElastiCache sessions-001' }],
  ['ElastiCache sessions', 'elasticache', { description: 'ElastiCache+sessions' }],
  ['EFS fs-1234567', 'efs', { type: 'efs', description: 'EFS mount target for fs-1234567 (fsmt-1234567)' }],
  ['ECS task', 'ecs-task', { description: `arn:aws:ecs:eu-west-1:111122223333:attachment/${UUID}` }],
  [
    'ECS task',
    'ecs-task',
    { description: `arn:aws-cn:ecs:cn-north-1:111122223333:attachment/${UUID}`, instanceId: 'i-1' },
  ],
  ['web-1', 'instance', { description: 'Primary network interface', instanceId: 'i-1', nameTag: 'web-1' }],
  ['i-1', 'instance', { type: 'interface', description: '', instanceId: 'i-1' }],
  ['i-1', 'instance', { type: 'interface', description: 'ELB test', instanceId: 'i-1' }],
  ['spare', 'other', { description: 'made by hand', nameTag: 'spare' }],
  ['RedshiftNetworkInterface', 'other', { description: 'RedshiftNetworkInterface' }],
];

test.each(EXAMPLES)('%s: %s', (name, kind, traits) => {
  expect(ownerOf(traits)).toEqual({ kind, name });
});

test('what nobody describes has no name', () => {
  expect(ownerOf({ type: 'interface', description: '' })).toEqual({ kind: 'other', name: undefined });
});
