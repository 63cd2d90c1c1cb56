import { parsePolicy } from '../shared/alerts/policy-config.ts';
import type { FunctionName } from '../shared/config.ts';
import { queueIds, rawBucketName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { ref, sub } from './template.ts';

/** How far back reconciliation looks, in days. Notifications that come later than this are lost for good. */
export const RECONCILE_DAYS = 3;

/** The environment variables of a function that `shared/config.ts` reads. */
export function functionEnvironment(
  parameters: StackParameters,
): Readonly<Record<FunctionName, Readonly<Record<string, unknown>>>> {
  const { stage, raw, lake, alerts, headerlessFormat } = parameters;
  const ingest = queueIds('ingest');
  const partition = queueIds('partition');
  const finding = queueIds('finding');
  const delivery = queueIds('delivery');
  const common = { STAGE: stage, LAKE_BUCKET: ref('LakeBucket') };
  const { insideRanges, onPremisesRanges } = parsePolicy(alerts.policy);
  const alerting = {
    ...common,
    SITUATION_TABLE: ref('SituationTable'),
    // As it was written: what it does not say is the functions' business.
    ALERT_POLICY: JSON.stringify(alerts.policy),
    ALERT_TOPIC_ARN: ref('AlertsTopic'),
    ...(alerts.chat && { CHAT_TOPIC_ARN: ref('AlertsChatTopic') }),
    ATHENA_DATABASE: ref('GlueDatabase'),
  };
  return {
    ingest: {
      ...common,
      QUEUE_URL: ref(ingest.queue),
      DEAD_LETTER_QUEUE_URL: ref(ingest.deadLetterQueue),
      OUTPUT_COMPRESSION: lake.compression,
      ...(headerlessFormat === undefined ? {} : { FLOW_LOG_FORMAT: headerlessFormat }),
      ...(raw.maxInflatedBytes === undefined ? {} : { MAX_INFLATED_BYTES: String(raw.maxInflatedBytes) }),
      ...(insideRanges.length > 0 && { INSIDE_RANGES: insideRanges.join(',') }),
      ...(onPremisesRanges.length > 0 && { ON_PREMISES_RANGES: onPremisesRanges.join(',') }),
    },
    'register-partitions': {
      ...common,
      QUEUE_URL: ref(partition.queue),
      DEAD_LETTER_QUEUE_URL: ref(partition.deadLetterQueue),
      ATHENA_DATABASE: ref('GlueDatabase'),
      ATHENA_WORKGROUP: ref('Workgroup'),
    },
    alert: {
      ...alerting,
      QUEUE_URL: ref(finding.queue),
      DEAD_LETTER_QUEUE_URL: ref(finding.deadLetterQueue),
    },
    'alert-schedule': alerting,
    'note-deliveries': {
      ...common,
      QUEUE_URL: ref(delivery.queue),
      DEAD_LETTER_QUEUE_URL: ref(delivery.deadLetterQueue),
      SITUATION_TABLE: ref('SituationTable'),
    },
    reconcile: {
      RAW_BUCKET: sub(rawBucketName(parameters)),
      ...(raw.prefix === '' ? {} : { RAW_PREFIX: raw.prefix }),
      ...common,
      ATHENA_DATABASE: ref('GlueDatabase'),
      INGEST_QUEUE_URL: ref(ingest.queue),
      PARTITION_QUEUE_URL: ref(partition.queue),
      RECONCILE_DAYS: String(RECONCILE_DAYS),
    },
  };
}
