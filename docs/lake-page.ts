import { TABLES, type Table } from '../athena/tables.ts';
import { QUARANTINE_REASONS } from '../shared/flow-log/quarantine.ts';
import { MAX_PARTITIONS, MAX_QUARANTINE_BYTES, MAX_QUARANTINE_LISTED } from '../shared/lake/object-writer.ts';

/** Renders `docs/lake.md` from what the code knows; a test keeps the file fresh. */
export function lakePage(): string {
  const reasons = Object.entries(QUARANTINE_REASONS).map(
    ([reason, meaning]) => `| \`${reason}\` | ${meaning} |`,
  );
  return `# The lake

What \`flowlogs ingest\` makes of flow log objects. Rendered by \`docs/lake-page.ts\`; change it there.

Every source object leaves a **receipt**, written last, and for every object \`lines = records + quarantined\`. Header
lines and blank lines are no lines; NODATA and SKIPDATA records are records. Names depend on the source object alone, and
nothing is ever replaced: reading an object again changes nothing. An object is its file name and the bytes that are
stored: the same text once as \`x.log\` and once as \`x.log.gz\` are two objects.

    flowlogs query - <<< 'SELECT sum(lines) - sum(records) - sum(quarantined) AS lost FROM receipts'

## Records

One JSON object a line. Keys are AWS's field names with underscores, in the order of the source. Numbers are the
source's digits. A missing value (\`-\`) is left out, which is NULL in SQL. A field that the catalogue below does not know
is kept as a string, named \`x_\` and its name: nothing is lost when AWS adds a field. The tables do not show such a
field until they have a column for it.

\`day\` and \`hour\` are the UTC time of the record's \`start\`, else of its \`end\`, else of the object's own time (the stamp
in its name, else when it was last modified). Account and Region come from the object's key, else from its first record,
else they are \`unknown\`. An object may open ${MAX_PARTITIONS} hours. The time of an object without a stamp is kept in \`first-seen/\`, so
that copying it onto itself does not make it another object.

Files are zstd (\`.json.zst\`) or gzip (\`.json.gz\`), and hold one or several frames or members, one after the other.

## Quarantine

A line that cannot become a record is kept with its reason; it spoils nothing else. Of one object at most
${MAX_QUARANTINE_LISTED.toLocaleString('en-US')} lines (${MAX_QUARANTINE_BYTES / 1024 ** 2} MiB) are listed, and all are counted in its receipt.

| reason | meaning |
| --- | --- |
${reasons.join('\n')}

## Tables

${TABLES.map(tableSection).join('\n')}`;
}

function tableSection({ name, columns, partitions }: Table): string {
  const rows = [...partitions.map((column) => ({ ...column, isKey: true })), ...columns].map(
    (column) =>
      `| \`${column.name}\` | \`${column.type}\` | ${'isKey' in column ? 'Partition. ' : ''}${column.description} |`,
  );
  return `### ${name}\n\n| column | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}
