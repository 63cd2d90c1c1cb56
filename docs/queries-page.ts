import { type SavedQuery, THEMES } from '../athena/query-file.ts';
import { accepts, type Parameter } from '../athena/query-parameters.ts';

/** Renders `docs/queries.md` from the headers of the saved queries; a test keeps the file fresh. */
export function queriesPage(queries: readonly SavedQuery[]): string {
  const themes = [...Map.groupBy(queries, ({ theme }) => theme)];
  return `# Questions

Saved queries, in [athena/queries](../athena/queries). Each is one statement of Athena's SQL that runs unchanged on DuckDB.
Rendered by \`docs/queries-page.ts\` from their headers; change them there.

    npm run -s flowlogs -- query NAME --since 2h --param name=value
    npm run -s flowlogs -- queries NAME             # what is below, for one of them

With \`--athena --stage STAGE\` they run on Athena, in the database and workgroup of that stage: progress and what it costs
are on standard error. Without \`--since\` they then read 24 hours, not everything. The stack also deploys them as named
queries: look under "Saved queries" of its workgroup in Athena's query editor.

Every query takes \`--since\` and \`--until\`. AWS delivers flow logs 10 to 25 minutes after the packets: what is younger is not
missing, it has not been delivered yet.

${themes.map(([theme, group]) => `## ${THEMES[theme]}\n\n${group.map(section).join('\n')}`).join('\n')}`;
}

function section({ name, title, question, fields, parameters, next }: SavedQuery): string {
  const rows = parameters.map(parameterRow);
  const table =
    rows.length === 0
      ? ''
      : `\n| parameter | takes | default |  |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  return `### ${name}

**${title}.** ${question}

Needs ${fields.map((field) => `\`${field}\``).join(', ')}. ${next}
${table}`;
}

function parameterRow({ name, type, description, default: value }: Parameter): string {
  const when = value === undefined ? 'must be given' : value === null ? 'optional' : `\`${value}\``;
  return `| \`${name}\` | ${accepts(type)} | ${when} | ${description} |`;
}
