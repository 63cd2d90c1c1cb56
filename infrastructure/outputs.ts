import { flowLogDestination, functionName, queueIds, rawBucketName } from './names.ts';
import { ownerOutputs } from './owner-statements.ts';
import type { StackParameters } from './parameters.ts';
import { type Outputs, ref, sub } from './template.ts';

/** What a user needs next, and what owners of existing buckets, keys and topics have to apply. */
export function stackOutputs(parameters: StackParameters): Outputs {
  const output = (description: string, value: unknown) => ({ Description: description, Value: value });
  return {
    RawBucketName: output('The bucket that AWS delivers flow logs to', sub(rawBucketName(parameters))),
    FlowLogDestination: output(
      'The destination of flow logs that you create yourself (LogDestination, type s3)',
      sub(flowLogDestination(parameters)),
    ),
    LakeBucketName: output(
      'The bucket with records, quarantine, findings, receipts and alerts',
      ref('LakeBucket'),
    ),
    AthenaDatabase: output(
      'The database to query: choose it in the query editor of Athena',
      ref('GlueDatabase'),
    ),
    AthenaWorkgroup: output(
      'The workgroup to query in, with its limit on what a query may scan',
      ref('Workgroup'),
    ),
    AlertsTopicArn: output('Subscribe here who watches traffic', ref('AlertsTopic')),
    ...(parameters.alerts.chat && {
      AlertsChatTopicArn: output(
        'For Slack and Microsoft Teams: choose this topic where you set up a channel in Amazon Q Developer in chat ' +
          'applications. Subscribe nothing else to it',
        ref('AlertsChatTopic'),
      ),
    }),
    OperationsTopicArn: output('Subscribe here who runs the pipeline: alarms', ref('OperationsTopic')),
    ReaderPolicyArn: output('Attach it to who queries the lake', ref('ReaderPolicy')),
    OperatorPolicyArn: output(
      'Attach it to who runs the pipeline: flowlogs status, dlq, replay, reprocess, reconcile',
      ref('OperatorPolicy'),
    ),
    IngestQueueUrl: output(
      'Send an S3 event here to have an object ingested (again)',
      ref(queueIds('ingest').queue),
    ),
    IngestDeadLetterQueueUrl: output(
      'Raw objects that could not be ingested, each with its reason as a message attribute',
      ref(queueIds('ingest').deadLetterQueue),
    ),
    PartitionDeadLetterQueueUrl: output(
      'Lake objects whose partitions could not be registered',
      ref(queueIds('partition').deadLetterQueue),
    ),
    FindingDeadLetterQueueUrl: output(
      'Findings that nobody could be told of',
      ref(queueIds('finding').deadLetterQueue),
    ),
    DeliveryDeadLetterQueueUrl: output(
      'Receipts of which nobody noted that an account delivered',
      ref(queueIds('delivery').deadLetterQueue),
    ),
    ReconcileFunctionName: output(
      'Invoke it to repair lost notifications now; it runs daily',
      functionName(parameters, 'reconcile'),
    ),
    DashboardName: output('Look here first: the dashboard in CloudWatch', ref('Dashboard')),
    ...ownerOutputs(parameters),
  };
}
