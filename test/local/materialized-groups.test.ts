import { expect, test } from 'vitest';
import { materializeGroups } from '../../local/materialized-groups.ts';

test.each([
  [
    'what groups before a group',
    'WITH a AS (SELECT x FROM t GROUP BY 1) SELECT count(*) FROM a GROUP BY x',
    'WITH a AS MATERIALIZED (SELECT x FROM t GROUP BY 1) SELECT count(*) FROM a GROUP BY x',
  ],
  [
    'what groups before a window, but not the window, whose rows are as many as it reads',
    'WITH a AS (SELECT x FROM t GROUP BY 1), b AS (SELECT lag(x) OVER (ORDER BY x) AS y FROM a) SELECT y FROM b GROUP BY 1',
    'WITH a AS MATERIALIZED (SELECT x FROM t GROUP BY 1), b AS (SELECT lag(x) OVER (ORDER BY x) AS y FROM a) SELECT y FROM b GROUP BY 1',
  ],
  [
    'in any case and layout, with comments',
    'with a as\n( -- (each x)\n  select x from t group\n by 1\n) select count(*) from a group by x',
    'with a AS MATERIALIZED ( -- (each x)\n  select x from t group\n by 1\n) select count(*) from a group by x',
  ],
  [
    'inside of what is not',
    'WITH a AS (WITH b AS (SELECT x FROM t GROUP BY 1) SELECT max(x) OVER () AS y FROM b) SELECT y FROM a',
    'WITH a AS (WITH b AS MATERIALIZED (SELECT x FROM t GROUP BY 1) SELECT max(x) OVER () AS y FROM b) SELECT y FROM a',
  ],
])('is materialized: %s', (_, sql, result) => {
  expect(materializeGroups(sql)).toBe(result);
});

test.each([
  ['what no group comes after', 'WITH a AS (SELECT x FROM t GROUP BY 1) SELECT x FROM a ORDER BY x'],
  ['what does not group', 'WITH a AS (SELECT x FROM t) SELECT count(*) FROM a GROUP BY x'],
  [
    'what only speaks of it',
    "WITH a AS (SELECT 'GROUP BY' AS x /* GROUP BY */ FROM t) SELECT x FROM a GROUP BY 1",
  ],
  [
    'what is no WITH table',
    'SELECT CAST(x AS decimal(1)) FROM (SELECT x FROM t GROUP BY 1) AS a (x) GROUP BY 1',
  ],
  ['text', "SELECT 'a AS (SELECT x FROM t GROUP BY 1)' AS x FROM t GROUP BY 1"],
  ['a window with a name', 'SELECT max(x) OVER w AS y FROM t GROUP BY x WINDOW w AS (PARTITION BY x)'],
  ['what is not finished', 'WITH a AS (SELECT x FROM t GROUP BY 1'],
])('is left as it is: %s', (_, sql) => {
  expect(materializeGroups(sql)).toBe(sql);
});
