-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
-- Athena works out the partitions itself: nothing has to be registered.
CREATE EXTERNAL TABLE IF NOT EXISTS alerts (
  `sent_at` bigint COMMENT 'When the message was published. Unix seconds',
  `message_id` string COMMENT 'Equal for everything told in one message',
  `subject` string COMMENT 'The message\'s subject',
  `reason` string COMMENT 'Why now: opens, first, worsens, grows, still-open, or goes-on (in a digest)',
  `kind` string COMMENT 'REJECT, SKIPDATA, PACKET_LOSS, NO_DELIVERY (an account fell silent) or OLD_DATA',
  `severity` string COMMENT 'info, warning or critical: the highest of the situation',
  `meaning` string COMMENT 'What it means, as in meanings of findings',
  `path` string COMMENT 'As in findings',
  `aws_account_id` string COMMENT 'As in findings',
  `aws_region` string COMMENT 'NULL for all Regions of the account',
  `vpc_id` string COMMENT 'As in findings',
  `scope` string COMMENT 'What it is one situation of: resource, vpc or account',
  `scope_id` string COMMENT 'Id of the resource, the VPC or the account',
  `protocol` int COMMENT 'Of the service, where it is about one',
  `port` int COMMENT 'Of the service',
  `server` string COMMENT 'Address of the service, where it is one for the VPC',
  `first_time` bigint COMMENT 'First packet since the last quiet window. Unix seconds',
  `last_time` bigint COMMENT 'Last packet so far. Unix seconds',
  `findings` bigint COMMENT 'Findings since the last quiet window',
  `flows` bigint COMMENT 'Flows in these',
  `packets` bigint COMMENT 'Packets in these',
  `new_findings` bigint COMMENT 'Findings since people were last told of it',
  `new_flows` bigint COMMENT 'Flows in these',
  `source` string COMMENT 'The source object of the finding that says most'
)
PARTITIONED BY (
  `day` string COMMENT 'UTC day, 2026-11-20'
)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS
  INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
  OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://LAKE-BUCKET/alerts/'
TBLPROPERTIES (
  'classification' = 'json',
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2010-01-01,NOW+1DAYS',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://LAKE-BUCKET/alerts/day=${day}/'
)
