/** Enough for every function to start. */
export const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  STAGE: 'bench',
  LAKE_BUCKET: 'lake',
  RAW_BUCKET: 'raw',
  QUEUE_URL: 'https://sqs/queue',
  DEAD_LETTER_QUEUE_URL: 'https://sqs/dlq',
  INGEST_QUEUE_URL: 'https://sqs/ingest',
  PARTITION_QUEUE_URL: 'https://sqs/partition',
  ATHENA_DATABASE: 'flowlogs',
  ATHENA_WORKGROUP: 'flowlogs',
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:alerts',
  SITUATION_TABLE: 'situations',
  RECONCILE_DAYS: '3',
} as const;
