/**
 * The table `dated` of a WITH: findings with the columns that a time range is about. They are partitioned by day alone, and
 * have no `start`.
 */
export const DATED_FINDINGS = `-- Findings lie in the day of their object. If that is the next one, they belong to its first hour.
dated AS (
  SELECT
    *,
    first_time AS start,
    CASE
      WHEN date_format(from_unixtime(first_time), '%Y-%m-%d') = day
        THEN date_format(from_unixtime(first_time), '%H')
      ELSE '00'
    END AS hour
  FROM findings
)`;
