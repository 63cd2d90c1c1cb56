import { describe, expect, test } from 'vitest';
import { parseQuery, parseSavedQuery, renderQuery } from '../../athena/query-file.ts';

const FILE = `-- title: Rejected
-- question: What was refused?
-- theme: security
-- fields: srcaddr, action
-- parameter: port port optional; only this port
-- parameter: owner text = O'Brien; whose it is
-- parameter: source address; where it came from
-- next: Look at the security group,
--   then at the network ACL.

-- An ordinary comment with {{nonsense}} in it.
SELECT * FROM flow_logs
WHERE {{time_range}} AND owner = {{ owner }} AND dstport = {{port}} AND srcaddr = {{source}};
`;

const NOTHING = new Map<string, string>();

describe('the header', () => {
  test('is the documentation', () => {
    expect(parseSavedQuery('rejected', FILE)).toMatchObject({
      name: 'rejected',
      title: 'Rejected',
      question: 'What was refused?',
      theme: 'security',
      fields: ['srcaddr', 'action'],
      next: 'Look at the security group, then at the network ACL.',
      parameters: [
        { name: 'port', type: 'port', default: null, description: 'only this port' },
        { name: 'owner', type: 'text', default: "O'Brien", description: 'whose it is' },
        { name: 'source', type: 'address', default: undefined, description: 'where it came from' },
      ],
    });
  });

  test('may have Windows line ends and a byte order mark', () => {
    expect(parseSavedQuery('x', `\uFEFF${FILE.replaceAll('\n', '\r\n')}`).title).toBe('Rejected');
  });

  test.each([
    ['-- title: Rejected\n', '', 'The query x needs exactly one line "-- title: …" in its header.'],
    ['-- title: Rejected\n', '-- title: A\n-- title: B\n', 'needs exactly one line "-- title: …"'],
    [
      'theme: security',
      'theme: gossip',
      'has the theme "gossip"; it must be one of traffic, troubleshooting',
    ],
    ['port port optional', 'port harbour optional', 'a parameter line that cannot be read: "harbour'],
    ['port port optional', 'port port = 99999', 'The parameter "port" cannot be "99999"'],
    ['; only this port', '', 'a parameter line that cannot be read'],
    ['parameter: port', 'parameter: owner', 'declares the parameter "owner" twice'],
    ['parameter: port', 'parameter: time_range', 'declares the parameter "time_range" twice'],
    ['dstport = {{port}}', 'true', 'never uses its parameter "port"'],
    ['{{port}}', '{{harbour}}', 'never uses its parameter "port"'],
    ['srcaddr = {{source}}', 'srcaddr = {{source}} OR {{other}}', 'uses {{other}} without declaring it'],
    ['{{source}}', "'{{source}}'", 'has {{source}} inside quotes'],
  ])('with %j as %j is refused', (before, after, message) => {
    expect(FILE).toContain(before);
    const wanted = message.replace('"harbour', '"port harbour');
    expect(() => parseSavedQuery('x', FILE.replace(before, after))).toThrow(wanted);
  });

  test('may be absent from ad-hoc SQL', () => {
    expect(parseQuery('-', '-- just a thought\nSELECT 1')).toEqual({
      name: '-',
      parameters: [],
      sql: '-- just a thought\nSELECT 1',
    });
  });
});

describe('rendering', () => {
  const query = parseSavedQuery('rejected', FILE);

  test('puts literals in place of placeholders, and leaves comments alone', () => {
    const sql = renderQuery(query, new Map([['source', '10.0.0.1']]), {});
    expect(sql).toBe(
      '-- An ordinary comment with {{nonsense}} in it.\nSELECT * FROM flow_logs\n' +
        "WHERE true AND owner = 'O''Brien' AND dstport = CAST(NULL AS bigint) AND srcaddr = '10.0.0.1'",
    );
  });

  test('never looks into a value for placeholders', () => {
    const sql = renderQuery(
      query,
      new Map([
        ['source', '10.0.0.1'],
        ['owner', '{{port}} $& {{source}}'],
      ]),
      {},
    );
    expect(sql).toContain("owner = '{{port}} $& {{source}}' AND");
  });

  test('refuses unknown parameters and names the known ones', () => {
    expect(() => renderQuery(query, new Map([['harbour', '1']]), {})).toThrow(
      'The query rejected has no parameter "harbour". It has: port, owner, source.',
    );
  });

  test('refuses a time range that nothing in the query would apply', () => {
    const timeless = parseQuery('mine', 'SELECT 1');
    expect(() => renderQuery(timeless, NOTHING, { since: 1 })).toThrow('The query mine takes no time range.');
    expect(renderQuery(timeless, NOTHING, {})).toBe('SELECT 1');
  });
});

describe('one statement', () => {
  test.each([
    ['SELECT 1;', 'SELECT 1'],
    ['SELECT 1 ; ; -- done\n/* really; */ ;', 'SELECT 1'],
    ['SELECT \';\' AS "a;b" -- no; end\n, 2', 'SELECT \';\' AS "a;b" -- no; end\n, 2'],
    ["SELECT 'it''s; fine';", "SELECT 'it''s; fine'"],
  ])('%j is one', (sql, statement) => {
    expect(parseQuery('x', sql).sql).toBe(statement);
  });

  test.each([
    ['', 'There is no SQL statement to run.'],
    ['-- only a comment\n;', 'There is no SQL statement to run.'],
    ['SELECT 1; SELECT 2', 'There is more than one SQL statement.'],
    ["SELECT 'a'';", "a quote ' that is never closed"],
    ['SELECT "a', 'a quote " that is never closed'],
    ['SELECT 1 /* a', 'a comment /* that is never closed'],
    ['SELECT 1 /*/', 'a comment /* that is never closed'],
  ])('%j is not', (sql, message) => {
    expect(() => parseQuery('x', sql)).toThrow(message);
  });
});

test('{{counted_once}} stands for WITH tables that read the records of the time range once', () => {
  const query = parseQuery('mine', 'WITH {{counted_once}} SELECT sum(bytes) FROM counted_once');
  const sql = renderQuery(query, new Map(), { since: 1_795_150_800 });
  expect(sql).toMatch(/^WITH -- [\s\S]+\n\) SELECT sum\(bytes\) FROM counted_once$/);
  expect(sql.match(/day >= '2026-11-20'/g)).toHaveLength(1);
  expect(sql).not.toMatch(/\{\{/);
});

test.each(['connections', 'conversations'])(
  '{{%s}} stands for WITH tables over those flows that the query asks for',
  (table) => {
    const sql = `WITH asked AS (SELECT * FROM flows WHERE {{time_range}}), {{${table}}} SELECT * FROM ${table}`;
    const rendered = renderQuery(parseQuery('mine', sql), NOTHING, {});
    expect(rendered).toMatch(new RegExp(`\\b${table} AS \\([\\s\\S]+\\n\\) SELECT \\* FROM ${table}$`));
    expect(rendered.match(/FROM asked/g)).toHaveLength(1);
    expect(rendered).not.toMatch(/\{\{/);
  },
);
