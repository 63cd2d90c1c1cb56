import { TABLES, type Table, type TableColumn } from '../athena/tables.ts';
import { VIEWS, type View } from '../athena/views.ts';
import { MEANING_RULES, type MeaningRule } from '../shared/findings/meaning-rules.ts';
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
that copying it onto itself does not make it another object, and the format of one without a header, so that a changed
setting does not read half of it anew.

Files are zstd (\`.json.zst\`) or gzip (\`.json.gz\`), and hold one or several frames or members, one after the other.

## Quarantine

A line that cannot become a record is kept with its reason; it spoils nothing else. Of one object at most
${MAX_QUARANTINE_LISTED.toLocaleString('en-US')} lines (${MAX_QUARANTINE_BYTES / 1024 ** 2} MiB) are listed, and all are counted in its receipt.

| reason | meaning |
| --- | --- |
${reasons.join('\n')}

## What findings mean

A finding is about one object, one resource and one path, or one cause of loss. Its \`meanings\` are what its evidence
shows, the most severe first, and \`severity\` is that of the first. The evidence is bounded, and rules claim nothing beyond
it: what a format does not log, or what lies in the object before, is not guessed.

| meaning | severity | when, and why | source |
| --- | --- | --- | --- |
${MEANING_RULES.map(meaningRow).join('\n')}

## Alerts

Of every message that was published there is an object in \`alerts/\`, of the day of the message, with a row for each
situation that it tells of: what people were told, when, and why then.

## Tables

${TABLES.map(tableSection).join('\n')}
## Views

A view has all columns of its table and adds what people type again and again. Nothing is computed that a query does not
ask for, and \`day\`, \`hour\`, account and Region narrow what is read as they do at the table.

- What a record does not tell is absent. The default format has no direction between private addresses, for instance, and
  from an IPv6 address nobody can tell which side it is on.
- \`observed_at\` is \`middle\` at NAT gateways, at transit gateway attachments, and wherever else the packet's own address
  is certainly not the interface's. With a private packet address other than the interface's it is absent: that is a pod's
  or a second address of the interface as often as something that is passed on.
- \`direction\` takes an interface's own IPv4 address for a private one where the format does not say better. In a VPC with
  public IPv4 ranges log \`flow-direction\`.
- \`path\` is judged by the record alone. A finding also knows the other records of its object.

A plain sum over \`flows\` counts a flow wherever it was recorded. \`WITH {{counted_once}} SELECT … FROM counted_once\` in a
query file has every flow once, by day and pair of true ends; "logged-twice" shows interfaces under several flow logs.
\`{{connections}}\` and \`{{conversations}}\` put both directions of a connection together, \`{{attempts}}\` tells the uses of
one port apart (athena/connections.ts).

${VIEWS.map(viewSection).join('\n')}`;
}

function meaningRow({ meaning, severities, reason, source }: MeaningRule): string {
  const texts = severities.map(({ severity, when }, index) => {
    if (when !== undefined) return `${severity} if ${when}`;
    return index === 0 ? severity : `else ${severity}`;
  });
  return `| \`${meaning}\` | ${texts.join('; ')} | ${reason} | ${source} |`;
}

function tableSection({ name, columns, partitions }: Table): string {
  const keys = partitions.map((column) => ({ ...column, description: `Partition. ${column.description}` }));
  return `### ${name}\n\n${columnTable([...keys, ...columns])}`;
}

function viewSection({ name, description, added }: View): string {
  return `### ${name}\n\n${description} It adds:\n\n${columnTable(added)}`;
}

function columnTable(columns: readonly TableColumn[]): string {
  const rows = columns.map(({ name, type, description }) => `| \`${name}\` | \`${type}\` | ${description} |`);
  return `| column | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}
