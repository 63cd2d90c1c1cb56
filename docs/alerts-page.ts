/**
 * What `docs/alerts.md` shows of the code: a message, the meanings, the attributes, the JSON. The page is written by hand;
 * these parts of it stand between `<!-- rendered: NAME -->` and `<!-- end -->`, and a test keeps them fresh.
 */

import { wordsOf } from '../shared/alerts/message/advice.ts';
import { jsonSchema } from '../shared/alerts/message/schema.ts';
import { POLICY_SETTINGS } from '../shared/alerts/policy-config.ts';
import type { AlertMeaning } from '../shared/alerts/situation.ts';
import { MEANING_RULES, type SeverityCase } from '../shared/findings/meaning-rules.ts';

/** Rendered parts by name. */
export type Parts = Readonly<Record<string, string>>;

const PART = /(<!-- rendered: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The page with its parts rendered anew. @throws Error for a part that nobody renders. */
export function alertsPage(page: string, parts: Parts): string {
  return page.replaceAll(PART, (_, start: string, name: string, end: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`docs/alerts.md has a part "${name}" that nobody renders.`);
    return `${start}\n${part}\n\n${end}`;
  });
}

/** A message as its text goes out. */
export function messagePart({ subject, text }: { readonly subject: string; readonly text: string }): string {
  return `\`\`\`\nSubject: ${subject}\n\n${text}\`\`\``;
}

/** Every meaning with its words, severity and reason. */
export function meaningsPart(): string {
  const others: readonly (readonly [AlertMeaning, string, string])[] = [
    ['no-delivery', 'warning', 'An account and Region delivered regularly for a day, and then nothing.'],
    ['old-data', 'info', 'What it tells is too old to be news: it is stored, and counted in one message.'],
  ];
  return table(
    ['meaning', 'in words', 'severity', 'when, and why'],
    [
      ...MEANING_RULES.map(({ meaning, words, severities, reason }) => [
        `\`${meaning}\``,
        words,
        severitiesText(severities),
        reason,
      ]),
      ...others.map(([meaning, severity, reason]) => [`\`${meaning}\``, wordsOf(meaning), severity, reason]),
    ],
  );
}

function severitiesText(severities: readonly SeverityCase[]): string {
  const others = severities.length === 1 ? '' : 'else ';
  return severities
    .map(({ severity, when }) => (when === undefined ? `${others}${severity}` : `${severity} if ${when}`))
    .join(', ');
}

/** Every setting of a policy. */
export function policyPart(): string {
  return table(
    ['setting', 'takes', 'unless set', 'what'],
    POLICY_SETTINGS.map(({ name, takes, usual, what }) => [
      `\`${name}\``,
      takes,
      isEmpty(usual) ? 'nothing' : textOf(usual),
      what,
    ]),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, of]) => `${name} ${of}`)
    .join(', ');
}

interface Property {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly items?: Property;
  readonly enum?: readonly string[];
}

/** The properties of the JSON, those inside of others with a dot. */
export function jsonPart(): string {
  return table(['property', '', 'what'], rowsOf(jsonSchema() as Property, ''));
}

/** Properties inside of these are described in the schema only: they say what their names say. */
const TOO_DEEP = /^alerts\[\]\.(evidence|ignoreRule|counters)\./;

function rowsOf({ properties = {}, required = [] }: Property, path: string): string[][] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const inner = property.items ?? property;
    const full = `${path}${name}${property.items === undefined ? '' : '[]'}`;
    if (TOO_DEEP.test(full)) return [];
    const presence = required.includes(name) ? '' : 'optional';
    return [[`\`${full}\``, presence, property.description ?? ''], ...rowsOf(inner, `${full}.`)];
  });
}

/** What each attribute can be; the values of some are a list. */
export function attributesPart(attributes: readonly string[]): string {
  const { properties } = (jsonSchema() as Property).properties!.alerts!.items!;
  return table(
    ['attribute', 'what', 'values'],
    attributes.map((name) => {
      const { description = '', enum: values } = properties![name]!;
      return [
        `\`${name}\``,
        description,
        name === 'meaning' ? 'see above' : (values ?? []).map((value) => `\`${value}\``).join(', '),
      ];
    }),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The filter policies of the page by their headings: the blocks of JSON under "Filter policies". */
export function filterPolicies(page: string): ReadonlyMap<string, unknown> {
  const section = /\n## Filter policies\n([\s\S]*?)(?=\n## |$)/.exec(page)?.[1] ?? '';
  const blocks = section.matchAll(/\n### (.+)\n(?:(?!\n### )[\s\S])*?```json\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, heading, json]) => [heading!, JSON.parse(json!) as unknown]));
}
