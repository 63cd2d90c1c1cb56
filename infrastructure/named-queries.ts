import { renderForEditor, type SavedQuery } from '../athena/query-file.ts';
import { accepts, type Parameter, type ParameterType } from '../athena/query-parameters.ts';
import { logicalId } from './logical-id.ts';
import { type Resource, type Resources, ref } from './template.ts';

/**
 * The saved queries in the workgroup of the stack, under "Saved queries" in Athena's query editor. They can be run as they
 * are, and are meant to be changed there.
 *
 * Source: "AWS::Athena::NamedQuery" (CloudFormation Template Reference). Every change replaces a named query, which harms
 * nobody: its history is the workgroup's.
 */
export function namedQueryResources(queries: readonly SavedQuery[]): Resources {
  const ids = queries.map(({ name }) => `${logicalId(name)}Query`);
  return Object.fromEntries(
    queries.map((query, index) => [ids[index], namedQuery(query, ids[index - CREATED_AT_ONCE])]),
  );
}

/**
 * CloudFormation creates all at once that wait for nothing, and its handler for named queries knows no answer to
 * Athena's throttling, which sets in at a few calls a second.
 *
 * Source: aws-cloudformation-resource-providers-athena on GitHub, `namedquery`.
 */
const CREATED_AT_ONCE = 8;

function namedQuery(query: SavedQuery, predecessor: string | undefined): Resource {
  return {
    Type: 'AWS::Athena::NamedQuery',
    ...(predecessor === undefined ? {} : { DependsOn: predecessor }),
    Properties: {
      Name: query.name,
      Description: `${query.title}. ${query.question}`,
      Database: ref('GlueDatabase'),
      WorkGroup: ref('Workgroup'),
      QueryString: textForEditor(query),
    },
  };
}

/**
 * Yesterday and today. Not constants of the day of the deployment: in a month these would ask of a month ago, and each
 * deployment would replace everything. It prunes partitions like a constant, because Trino computes what depends on no
 * row before it plans.
 *
 * Source: "Constant folding" in "Just the right time date predicates" (Trino's blog, 2023).
 */
const TIME_RANGE = "(day >= date_format(current_date - interval '1' day, '%Y-%m-%d'))";

/** Values of parameters that a person has to give. They fit their types and are in no log (RFC 5737). */
const EXAMPLES: Readonly<Record<ParameterType, string>> = {
  address: '192.0.2.1',
  cidr: '192.0.2.0/24',
  port: '443',
  day: '2000-01-01',
  count: '1',
  number: '1',
  text: 'change me',
};

function textForEditor(query: SavedQuery): string {
  const required = query.parameters.filter((parameter) => parameter.default === undefined);
  const values = new Map(required.map(({ name, type }) => [name, EXAMPLES[type]]));
  const parameters = query.parameters.map(parameterText);
  const header = [
    query.title,
    query.question,
    '',
    'It asks of yesterday and today (UTC). For other days change what stands before /* time_range */, everywhere, for ' +
      "example to day BETWEEN '2026-11-01' AND '2026-11-07'. The more days, the more it costs.",
    ...(parameters.length === 0 ? [] : ['', 'Parameters, each a comment behind its value:', ...parameters]),
    '',
    query.next,
  ];
  const comment = header.flatMap(wrapped).map((line) => `-- ${line}`.trimEnd());
  return [...comment, renderForEditor(query, values, TIME_RANGE), ''].join('\n');
}

function parameterText({ name, type, description, default: value }: Parameter): string {
  const optional = value === null ? ', or NULL for none' : '';
  const example = value === undefined ? `. ${EXAMPLES[type]} is an example to be replaced` : '';
  return `  /* ${name} */ ${description}: ${accepts(type)}${optional}${example}`;
}

/** A line as lines of at most 115 characters, those after the first indented as it is. */
function wrapped(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  for (const word of line.trim().split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= 115) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${last === undefined ? indent : `${indent}${indent}`}${word}`);
  }
  return lines;
}
