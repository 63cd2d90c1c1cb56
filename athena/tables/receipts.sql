-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
-- Athena works out the partitions itself: nothing has to be registered.
CREATE EXTERNAL TABLE IF NOT EXISTS receipts (
  `source` string COMMENT 'The source object, as a URL or path',
  `bucket` string COMMENT 'The source object\'s bucket, absent on a laptop',
  `key` string COMMENT 'The source object\'s decoded key',
  `etag` string COMMENT 'The source object\'s ETag, on a laptop its SHA-256',
  `size` bigint COMMENT 'Size of the source object in bytes, as stored',
  `object_time` bigint COMMENT 'The object\'s own time, Unix seconds',
  `flow_log_id` string COMMENT 'The flow log that delivered the object',
  `aws_account_id` string COMMENT 'Account partition of the records',
  `aws_region` string COMMENT 'Region partition of the records',
  `formats` array<string> COMMENT 'The formats of the lines, at most 16, as field names',
  `first_time` bigint COMMENT 'Smallest start of a record, Unix seconds',
  `last_time` bigint COMMENT 'Largest end of a record, Unix seconds',
  `inflated_bytes` bigint COMMENT 'Bytes of text',
  `headers` bigint COMMENT 'Header lines, they do not count as lines',
  `lines` bigint COMMENT 'Lines that are neither blank nor headers: records + quarantined',
  `records` bigint COMMENT 'Lines that became records',
  `quarantined` bigint COMMENT 'Lines that did not',
  `quarantine_listed` bigint COMMENT 'Quarantined lines that are listed in quarantine, which takes a bounded number for one object',
  `quarantine_reasons` array<struct<reason:string,lines:bigint>> COMMENT 'Quarantined lines by reason',
  `nodata` bigint COMMENT 'Records with log status NODATA',
  `skipdata` bigint COMMENT 'Records with log status SKIPDATA',
  `rejected` bigint COMMENT 'Records with action REJECT',
  `findings` bigint COMMENT 'Findings written',
  `outputs` array<struct<key:string,records:bigint,bytes:bigint>> COMMENT 'What was written of the object, with rows and stored bytes',
  `mixed_builds` bigint COMMENT 'Outputs that were there already with other content: another build wrote them',
  `build` string COMMENT 'Version of flowlogs',
  `settings` string COMMENT 'The settings that the output depends on',
  `started` string COMMENT 'When work on the object began, ISO 8601',
  `finished` string COMMENT 'When the receipt was written, ISO 8601'
)
PARTITIONED BY (
  `day` string COMMENT 'UTC day, 2026-11-20'
)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS
  INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
  OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://LAKE-BUCKET/receipts/'
TBLPROPERTIES (
  'classification' = 'json',
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2010-01-01,NOW+1DAYS',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://LAKE-BUCKET/receipts/day=${day}/'
)
