-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
-- Athena works out the partitions itself: nothing has to be registered.
CREATE EXTERNAL TABLE IF NOT EXISTS quarantine (
  `source` string COMMENT 'Object that held the line',
  `line_number` bigint COMMENT 'Number of the line in the object, from 1',
  `offset` bigint COMMENT 'First byte of the line in the inflated object, from 0',
  `reason` string COMMENT 'Why the line is no record',
  `line_bytes` bigint COMMENT 'Length of the line in bytes',
  `line` string COMMENT 'The first 4 KiB of the line, bad bytes as U+FFFD'
)
PARTITIONED BY (
  `day` string COMMENT 'UTC day, 2026-11-20'
)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS
  INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
  OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://LAKE-BUCKET/quarantine/'
TBLPROPERTIES (
  'classification' = 'json',
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2010-01-01,NOW+1DAYS',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://LAKE-BUCKET/quarantine/day=${day}/'
)
