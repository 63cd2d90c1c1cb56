import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  alertsPage,
  attributesPart,
  filterPolicies,
  jsonPart,
  meaningsPart,
  messagePart,
  policyPart,
} from '../../docs/alerts-page.ts';
import { ATTRIBUTES } from '../../shared/alerts/message/attributes.ts';
import { messageOf } from '../../shared/alerts/message/message.ts';
import { jsonSchema } from '../../shared/alerts/message/schema.ts';
import { parsePolicy } from '../../shared/alerts/policy-config.ts';
import { ALERT_KINDS } from '../../shared/alerts/situation.ts';
import { SEVERITIES } from '../../shared/findings/finding.ts';
import { ALERT_MEANINGS, CONTEXT, noticesOf } from '../shared/alerts/message/cases.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const PAGE = await readFile(join(DOCS, 'alerts.md'), 'utf8');
const POLICIES = filterPolicies(PAGE) as ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;
const NOTICES = await noticesOf();

test('docs/alerts.md shows what is sent (renew it with: npx vitest run test/docs --update)', async () => {
  const page = alertsPage(PAGE, {
    message: messagePart(messageOf(NOTICES.get('internal-service-rejected')!, CONTEXT)),
    meanings: meaningsPart(),
    policy: policyPart(),
    attributes: attributesPart(Object.keys(ATTRIBUTES)),
    json: jsonPart(),
  });
  await expect(page).toMatchFileSnapshot(join(DOCS, 'alerts.md'));
});

test('docs/alerts.schema.json is the schema (renew it with: npx vitest run test/docs --update)', async () => {
  await expect(formatted(jsonSchema())).toMatchFileSnapshot(join(DOCS, 'alerts.schema.json'));
});

/** As the formatter wants it: an array of few texts is one line. */
function formatted(schema: object): string {
  const text = JSON.stringify(schema, undefined, 2).replaceAll(
    /^(.*)\[\n((?: *"[^"]*",?\n)+) *\](,?)$/gm,
    (whole, before: string, entries: string, after: string) => {
      const line = `${before}[${entries.trim().replaceAll(/\s*\n\s*/g, ' ')}]${after}`;
      return line.length <= 110 ? line : whole;
    },
  );
  return `${text}\n`;
}

test('every meaning can be looked up', () => {
  const part = meaningsPart();
  for (const meaning of ALERT_MEANINGS) expect(part).toContain(`\n| \`${meaning}\` | `);
});

test('the policy that the page shows is one', () => {
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(PAGE)!;
  expect(parsePolicy(parse(yaml!).alerts.policy)).toMatchObject({ off: ['SKIPDATA'], ignore: [{}, {}] });
});

describe('the filter policies', () => {
  test('are those that people ask for', () => {
    expect([...POLICIES.keys()]).toEqual([
      'Only internal services',
      'Only one VPC',
      'Everything but info',
      'One account and what fell silent there',
    ]);
  });

  const KNOWN: Readonly<Record<string, readonly string[]>> = {
    kind: ALERT_KINDS,
    severity: SEVERITIES,
    meaning: ALERT_MEANINGS,
  };

  test.each([...POLICIES])('%s: asks for attributes and values that there are', (_, policy) => {
    expect(Object.keys(policy).length).toBeLessThanOrEqual(5);
    for (const [name, values] of Object.entries(policy)) {
      expect(Object.keys(ATTRIBUTES)).toContain(name);
      if (KNOWN[name] !== undefined) expect(KNOWN[name]).toEqual(expect.arrayContaining([...values]));
    }
  });

  /** As SNS compares: every key has to be there, with one of the values. */
  const passes = (heading: string, name: string) => {
    const { attributes } = messageOf(NOTICES.get(name)!, CONTEXT);
    return Object.entries(POLICIES.get(heading)!).every(([key, values]) =>
      [attributes[key] ?? []].flat().some((value) => values.includes(value)),
    );
  };

  test.each([
    ['Only internal services', 'internal-service-rejected', true],
    ['Only internal services', 'digest-of-overflow', true],
    ['Only internal services', 'port-scan', false],
    ['Only internal services', 'digest-of-account', false],
    ['Only one VPC', 'internal-service-rejected', false],
    ['Everything but info', 'blackhole', true],
    ['Everything but info', 'digest-of-overflow', true],
    ['Everything but info', 'digest-of-account', false],
    ['Everything but info', 'port-scan', false],
    ['One account and what fell silent there', 'internal-service-rejected', true],
    ['One account and what fell silent there', 'blackhole', false],
    ['One account and what fell silent there', 'data-loss', false],
  ])('%s: %s: %s', (heading, name, expected) => {
    expect(passes(heading, name)).toBe(expected);
  });
});
