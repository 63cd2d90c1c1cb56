import { describe, expect, test } from 'vitest';
import { MEMORY_MB } from '../../../infrastructure/dashboard.ts';
import { CONSUMERS, FUNCTIONS, QUEUES } from '../../../infrastructure/metrics.ts';
import { queueIds } from '../../../infrastructure/names.ts';
import type { Statement } from '../../../infrastructure/template.ts';
import { VARIABLES_OF } from '../../../shared/config.ts';
import {
  filledIn,
  identityStatements,
  isAllow,
  listOf,
  policyOf,
  propertiesOf,
  resourcesOf,
  stages,
} from '../packaged-stages.ts';

describe.each([...stages])('every stage, %s:', (_, template) => {
  test('fits into a stack', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(500);
    expect(Object.keys(template.Outputs).length).toBeLessThan(200);
    // The framework uploads it without blanks. CloudFormation takes a megabyte.
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(1_000_000);
  });

  test('outputs say what they are for, and are not exported: exports end at 1,024 characters', () => {
    for (const [name, output] of Object.entries(template.Outputs)) {
      if (name === 'ServerlessDeploymentBucketName') continue;
      expect(output.Description.length, name).toBeGreaterThan(20);
      expect(Buffer.byteLength(output.Description), name).toBeLessThanOrEqual(1_024);
      expect(output, name).not.toHaveProperty('Export');
    }
  });

  describe('buckets', () => {
    const buckets = resourcesOf(template, 'AWS::S3::Bucket').filter(
      ({ id }) => id !== 'ServerlessDeploymentBucket',
    );

    test.each(buckets)('$id is private, encrypted and kept', ({ properties, resource }) => {
      expect(properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
      const [encryption] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(encryption.ServerSideEncryptionByDefault.SSEAlgorithm).toMatch(/^(AES256|aws:kms)$/);
      expect(resource).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    });

    test.each(buckets)('$id refuses requests without TLS', ({ id }) => {
      const deny = policyOf(template, `${id}Policy`).find(({ Sid }) => Sid === 'TlsOnly')!;
      expect(deny).toMatchObject({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
      const arn = `arn:aws:s3:::${filledIn(propertiesOf(template, id).BucketName)}`;
      expect(listOf(deny.Resource).map(filledIn)).toEqual([arn, `${arn}/*`]);
    });

    test.each(buckets)('$id gives up unfinished uploads', ({ properties }) => {
      expect(JSON.stringify(properties.LifecycleConfiguration)).toContain('AbortIncompleteMultipartUpload');
    });

    test.each(buckets)(
      '$id waits for the policies of the queues that it notifies',
      ({ properties, resource }) => {
        const queues: string[] = properties.NotificationConfiguration.QueueConfigurations.map(
          ({ Queue }: { Queue: { 'Fn::GetAtt': [string] } }) => Queue['Fn::GetAtt'][0],
        );
        expect(new Set(listOf(resource.DependsOn))).toEqual(new Set(queues.map((queue) => `${queue}Policy`)));
      },
    );

    test.each(buckets)('$id may send to the queues that it notifies', ({ id, properties }) => {
      for (const { Queue } of properties.NotificationConfiguration.QueueConfigurations) {
        const senders = policyOf(template, `${Queue['Fn::GetAtt'][0]}Policy`).filter(isAllow);
        expect(senders).toHaveLength(1);
        expect(senders[0]).toMatchObject({
          Principal: { Service: 's3.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        });
        expect(filledIn(senders[0]?.Condition?.ArnEquals?.['aws:SourceArn'])).toBe(
          `arn:aws:s3:::${filledIn(propertiesOf(template, id).BucketName)}`,
        );
      }
    });
  });

  describe('queues', () => {
    test.each(QUEUES)(
      'what fails five times in %s goes to its dead-letter queue, which keeps it longer',
      (name) => {
        const ids = queueIds(name);
        const queue = propertiesOf(template, ids.queue);
        const deadLetters = propertiesOf(template, ids.deadLetterQueue);
        expect(queue.RedrivePolicy).toEqual({
          deadLetterTargetArn: { 'Fn::GetAtt': [ids.deadLetterQueue, 'Arn'] },
          maxReceiveCount: 5,
        });
        expect(deadLetters.RedriveAllowPolicy).toMatchObject({ redrivePermission: 'byQueue' });
        expect(deadLetters.RedriveAllowPolicy.sourceQueueArns.map(filledIn)).toEqual([
          `arn:aws:sqs:eu-west-1:111111111111:${queue.QueueName}`,
        ]);
        expect(deadLetters.MessageRetentionPeriod).toBe(14 * 86_400);
        expect(deadLetters.MessageRetentionPeriod).toBeGreaterThan(queue.MessageRetentionPeriod);
      },
    );

    test.each(resourcesOf(template, 'AWS::SQS::Queue'))(
      '$id is encrypted and refuses requests without TLS',
      (queue) => {
        expect(queue.properties.SqsManagedSseEnabled).toBe(true);
        expect(policyOf(template, `${queue.id}Policy`)).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Principal: '*',
            Action: 'sqs:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        );
      },
    );

    test.each(resourcesOf(template, 'AWS::SQS::QueuePolicy'))(
      '$id admits one sender at most, and says which',
      (queue) => {
        const senders = policyOf(template, queue.id).filter(isAllow);
        expect(senders).toHaveLength(queue.id.includes('DeadLetter') ? 0 : 1);
        for (const sender of senders) {
          expect(sender.Action).toBe('sqs:SendMessage');
          expect(Object.keys(sender.Principal as object)).toEqual(['Service']);
          expect(sender.Condition?.ArnEquals).toHaveProperty(['aws:SourceArn']);
        }
      },
    );
  });

  describe('functions', () => {
    const lambdas = new Map(
      resourcesOf(template, 'AWS::Lambda::Function').map(({ id, properties }) => [
        String(properties.FunctionName).replace(/^flowlogs-.*?-(?=ingest|register|alert|note|reconcile)/, ''),
        { id, properties },
      ]),
    );
    const lambda = (name: string) => lambdas.get(name)!;

    test('are six', () => {
      expect([...lambdas.keys()].sort()).toEqual([...FUNCTIONS].sort());
    });

    test.each(FUNCTIONS)('%s gets exactly the variables that it reads', (name) => {
      const optional = [
        ...['FLOW_LOG_FORMAT', 'MAX_INFLATED_BYTES', 'RAW_PREFIX'],
        ...['CHAT_TOPIC_ARN', 'INSIDE_RANGES', 'ON_PREMISES_RANGES'],
      ];
      const given = Object.keys(lambda(name).properties.Environment.Variables);
      const read: readonly string[] = VARIABLES_OF[name];
      expect(given.filter((variable) => !read.includes(variable))).toEqual(['NODE_OPTIONS']);
      expect(read.filter((variable) => !given.includes(variable) && !optional.includes(variable))).toEqual(
        [],
      );
    });

    test.each(FUNCTIONS)('%s runs its bundle, in its own role, on arm64', (name) => {
      const { properties } = lambda(name);
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: `dist/${name}/index.handler`,
        MemorySize: MEMORY_MB[name],
      });
      expect(properties.Role).toEqual({ 'Fn::Sub': `\${${roleOf(name)}.Arn}` });
    });

    test.each(FUNCTIONS)('%s writes to its own log group, which forgets', (name) => {
      const { FunctionName } = lambda(name).properties;
      const group = resourcesOf(template, 'AWS::Logs::LogGroup').find(
        ({ properties }) => properties.LogGroupName === `/aws/lambda/${FunctionName}`,
      )!;
      expect(group.properties.RetentionInDays).toBeGreaterThan(0);
      const [, log] = identityStatements(template).find(
        ([id, { Sid }]) => id === roleOf(name) && Sid === 'Log',
      )!;
      expect(filledIn(log.Resource)).toBe(
        `arn:aws:logs:eu-west-1:111111111111:log-group:${group.properties.LogGroupName}:*`,
      );
    });

    test.each(QUEUES)('messages of %s stay hidden for six times the function and its window', (name) => {
      const { id, properties } = lambda(CONSUMERS[name]);
      const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').filter(
        (mapping) => mapping.properties.FunctionName['Fn::GetAtt'][0] === id,
      );
      expect(mappings).toHaveLength(1);
      const mapping = mappings[0]!.properties;
      expect(mapping.EventSourceArn).toEqual({ 'Fn::GetAtt': [queueIds(name).queue, 'Arn'] });
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
      expect(propertiesOf(template, queueIds(name).queue).VisibilityTimeout).toBeGreaterThanOrEqual(
        6 * properties.Timeout + mapping.MaximumBatchingWindowInSeconds,
      );
    });
  });

  describe('permissions', () => {
    const statements = identityStatements(template);

    test('name their actions', () => {
      expect(
        statements.flatMap(([, { Action }]) => listOf(Action)).filter((action) => action.includes('*')),
      ).toEqual([]);
    });

    test('name their resources, where AWS lets them', () => {
      const everywhere = statements.filter(([, { Resource }]) => listOf(Resource).includes('*'));
      // Lists of names for the console, metrics and alarms. AWS knows no resource for them.
      expect(everywhere.flatMap(([, { Action }]) => listOf(Action))).toEqual([
        'athena:ListWorkGroups',
        'athena:ListDataCatalogs',
        'cloudwatch:GetMetricData',
        'cloudwatch:DescribeAlarms',
      ]);
    });

    test('use wildcards only below a folder, bucket or log group of their own', () => {
      const wild = statements
        .flatMap(([, { Resource }]) => listOf(Resource))
        .filter((resource) => resource !== '*')
        .map(filledIn)
        .filter((arn) => arn.includes('*'));
      for (const arn of wild) {
        expect(arn).toMatch(
          // Glue lists names of a whole catalogue or database, and CloudWatch Logs those of all groups. A stack's ARN ends
          // in an id.
          /^arn:aws:(cloudformation:.*:stack\/flowlogs-[\w-]+\/\*|s3:::[a-z0-9.-]+\/([\w.-]+\/)*\*|logs:.*:log-group:(\*|\/aws\/lambda\/flowlogs-.*:\*)|glue:.*:(database|table\/flowlogs_\w+)\/\*)$/,
        );
      }
    });

    test('admit to resources no one without a condition, but the account itself to its key', () => {
      const types = [
        'AWS::S3::BucketPolicy',
        'AWS::SQS::QueuePolicy',
        'AWS::SNS::TopicPolicy',
        'AWS::KMS::Key',
        'AWS::Events::EventBusPolicy',
      ];
      const open = types
        .flatMap((type) => resourcesOf(template, type))
        .flatMap(({ properties }) =>
          listOf<Statement>(
            (properties.PolicyDocument ?? properties.KeyPolicy ?? { Statement: properties.Statement })
              .Statement,
          ),
        )
        .filter((statement) => isAllow(statement) && statement.Condition === undefined);
      expect(open.map(({ Sid }) => Sid).filter((sid) => sid !== 'raw-bucket-account')).toEqual([
        'AccountAdministers',
      ]);
    });

    test('fit into managed policies', () => {
      for (const { id, properties } of resourcesOf(template, 'AWS::IAM::ManagedPolicy')) {
        expect(
          JSON.stringify(properties.PolicyDocument, (_, value) =>
            typeof value === 'object' &&
            value !== null &&
            ('Fn::Sub' in value || 'Fn::GetAtt' in value || 'Ref' in value)
              ? filledIn(value).padEnd(80)
              : value,
          ).length,
          id,
        ).toBeLessThan(6_144);
      }
    });
  });
});

const roleOf = (name: string) =>
  `${name.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())}Role`;
