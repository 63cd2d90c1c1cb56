import type { FormatName } from '../bench/objects.ts';
import { ASSUMPTIONS, type Assumptions, optionName } from '../scripts/cost/assumptions.ts';
import {
  type Bill,
  deliveryCost,
  ITEMS,
  type Item,
  largest,
  pipelineBill,
  RIVAL_ITEMS,
  rivalBill,
  total,
} from '../scripts/cost/bill.ts';
import type { Model } from '../scripts/cost/counts.ts';
import { BASES, DATE, PRICES, REGION } from '../scripts/cost/prices.ts';
import { averageObject, MONTH_DAYS, type Volume, volumeOf, volumeOfText } from '../scripts/cost/volume.ts';

/** Average sizes of flow log objects, bytes of gzip. */
export const OBJECT_SIZES = [10_000, 100_000, 1_000_000, 10_000_000] as const;
const ORGANIZATIONS = [1, 30, 300] as const;
/** Nearest to the stack's own format, `standard`. */
export const FORMAT: FormatName = 'version-5';
const TERABYTE = 1e12;

type Row = readonly string[];

/** Renders `docs/cost.md` from the cost model; a test keeps the file fresh. */
export function costPage(model: Model): string {
  const { measured, assumptions, findings } = model;
  const volumes = OBJECT_SIZES.map((size) => terabyte(model, size));
  const bills = volumes.map((volume) => pipelineBill(volume, model));
  const [smallest, small] = OBJECT_SIZES.map(sizeText) as [string, string];
  const largestVolume = volumes.at(-1)!;
  const rival = rivalBill(largestVolume, model);
  const plain = pipelineBill(largestVolume, model, 'plain');
  const single = organization(model, OBJECT_SIZES[1], 1);
  const additions = OBJECT_SIZES.map(
    (size, index) => `${usd(total(bills[index]!))} with objects of ${sizeText(size)}`,
  )
    .reverse()
    .join(',\n  ');
  const unitsOfFinding = Math.round(findings.writeUnits / findings.findings);

  return `# What it costs

A month of flow logs in US dollars, ${REGION}, at AWS's list prices of ${DATE}, without free tiers. Computed by
\`npm run cost -- --update\` from what was measured, what the stack sets, and the assumptions and prices below: change them,
not this page. With your own figures:

    npm run cost -- --accounts 30 --gb-per-account 10
    npm run cost -- --accounts 300 --flow-logs 4 --day-queries 20
    npm run cost -- --help

Processor time, bytes and requests are those of bench/measured.json:
${measured.machine}, Node ${measured.node}, ${measured.measured}.
Records have all 29 fields of versions 2 to 5. Objects are as large as their gzip; text is what is in them, which is what
AWS charges for.

## In short

- For a terabyte of text AWS charges ${usd(deliveryCost(largestVolume))} for its delivery, whoever reads it. To that the pipeline adds
  ${additions}. It is the
  number of objects that counts.
- Processor time hardly does. With objects of ${sizeText(largestVolume.object.gzipBytes)} all of ingest is ${usd(bills.at(-1)!.ingest)}, and ${usd(plain.ingest)} if it is written the plain way. What
  speed gives is time: alerts that do not wait, and old logs that are read in an hour.
- AWS's Parquet, with partition projection and no pipeline, costs ${usd(total(rival))} with objects of ${sizeText(largestVolume.object.gzipBytes)}. It has no findings, no
  alerts and no proof that nothing is missing, and its partitions go by the time of the object, not of the record.
- Alarms, metrics, the dashboard and a key are ${usd(pipelineBill(single, model).fixed)} a month, whatever there is to log.

## A terabyte of text a month

From ${assumptions.accounts} accounts. Storage is that of buckets in which as much expires as comes.

${table(['average object', ...OBJECT_SIZES.map(sizeText)], billRows(volumes, model))}

"The plain way" is the same pipeline with \`split\`, an object a line, \`JSON.stringify\` and gzip 6 in the place of flowlogs' own
transformation. "Parquet" is AWS's delivery in folders of hours and queries on it; findings are then looked for in the
records, and nobody asks for receipts. AWS's delivery comes on top of each.

## An organization's month

AWS delivers an object of each flow log every five minutes: ${assumptions.flowLogs} flow logs an account make ${number(single.objects)} objects a month. How
large they are says how much traffic an account has. Few organizations are in the right half of the last table.

${ORGANIZATIONS.map((accounts) => organizationSection(model, accounts)).join('\n')}
## What dominates, and what would lower it

${table(
  ['a terabyte in objects of', 'dominated by', 'share', 'then', 'share'],
  OBJECT_SIZES.map((size, index) => dominanceRow(size, bills[index]!)),
)}

${advice(bills, unitsOfFinding, measured.smallObjects.requests.PUT)}

Two settings come before all that:

- **Retention.** A stage file without \`raw.expireAfterDays\` and \`lake.expireAfterDays\` keeps everything for ever: with objects
  of ${small} each month's terabyte adds ${usd(monthOfStorage(volumes[1]!, model))} to the bill of every month after it.
- **Flow logs.** One flow log for a VPC, not one for each subnet or interface, is the same text in fewer objects. To come
  from objects of ${smallest} to ${small} saves ${usd(total(bills[0]!) - total(bills[1]!))} a terabyte.

A customer managed key for the raw bucket (\`raw.kmsKeyArn\`) takes a request to KMS for each object that is read, ${usd(1e6 * PRICES.kmsRequest.usd)} for a
million, as AWS advises against bucket keys where it delivers. The lake's key has a bucket key and takes next to nothing.

## What is assumed

Each is an option of \`npm run cost\`.

${table(['option', 'default', 'meaning'], assumptionRows(assumptions))}

Findings were counted in a simulation, \`npm run cost -- --count-findings\`: ${findings.hours} hours without incidents of an account with 50
interfaces in two VPCs, of which one faces the internet with 5,000 probes an hour. It had ${number(findings.findings)} findings in ${number(findings.objectsWithFindings)} of
${number(findings.objects)} objects, ${unitsOfFinding} write units of DynamoDB each. A day with incidents has twice the findings. How many an object has depends
on the resources that are refused something, and hardly on its size.

Left out: taxes, discounts and free tiers (Lambda, SQS, DynamoDB, Glue and CloudWatch have some that cover much of a
single account's bill); traffic between Regions; new Lambda environments; repeated deliveries; results of queries; people
who look at logs and metrics; partitions of what has expired, which nothing removes from the catalogue.

## Prices

AWS's price pages cannot be read by a program, so every price rests on someone who quotes it:

${Object.entries(BASES)
  .map(([basis, means]) => `- ${basis}: ${means}`)
  .join('\n')}

${table(['US dollars', 'for a', 'basis', 'source'], priceRows())}
`;
}

/** A bill for people who ask with their own figures: of one organization, by the size of objects. */
export function organizationBill(model: Model, sizes: readonly number[], format: FormatName): string {
  const volumes = sizes.map((size) => organization(model, size, model.assumptions.accounts, format));
  return table(['average object', ...sizes.map(sizeText)], billRows(volumes, model));
}

function terabyte(model: Model, size: number): Volume {
  const object = averageObject(size, FORMAT, model.measured, model.assumptions);
  return volumeOfText(object, TERABYTE, model.assumptions.accounts);
}

function organization(model: Model, size: number, accounts: number, format: FormatName = FORMAT): Volume {
  const object = averageObject(size, format, model.measured, model.assumptions);
  return volumeOf(object, { ...model.assumptions, accounts });
}

function billRows(volumes: readonly Volume[], model: Model): Row[] {
  const bills = volumes.map((volume) => pipelineBill(volume, model));
  const plain = volumes.map((volume) => pipelineBill(volume, model, 'plain'));
  const rivals = volumes.map((volume) => rivalBill(volume, model));
  const row = (name: string, values: readonly string[]): Row => [name, ...values];
  const money = (name: string, values: readonly number[], isBold = false) =>
    isBold
      ? row(
          `**${name}**`,
          values.map((value) => `**${usd(value)}**`),
        )
      : row(name, values.map(usd));
  return [
    row(
      'objects a month',
      volumes.map(({ objects }) => number(objects)),
    ),
    row(
      'records of an object',
      volumes.map(({ object }) => number(object.records)),
    ),
    row(
      'text a month',
      volumes.map(({ objects, object }) => bytes(objects * object.textBytes)),
    ),
    ...Object.entries(ITEMS).map(([item, name]) =>
      money(
        name,
        bills.map((bill) => bill[item as Item]),
      ),
    ),
    money('the pipeline', bills.map(total), true),
    money("AWS's delivery", volumes.map(deliveryCost)),
    money(
      'both',
      volumes.map((volume, index) => deliveryCost(volume) + total(bills[index]!)),
      true,
    ),
    money(
      'the plain way: ingest',
      plain.map(({ ingest }) => ingest),
    ),
    money('the plain way: the pipeline', plain.map(total), true),
    ...Object.entries(RIVAL_ITEMS).map(([item, name]) =>
      money(
        `Parquet: ${name}`,
        rivals.map((bill) => bill[item as keyof typeof RIVAL_ITEMS]),
      ),
    ),
    money('Parquet: all', rivals.map(total), true),
  ];
}

function organizationSection(model: Model, accounts: number): string {
  const volumes = OBJECT_SIZES.map((size) => organization(model, size, accounts));
  const bills = volumes.map((volume) => pipelineBill(volume, model));
  const head = ['average object', ...OBJECT_SIZES.map(sizeText)];
  const rows: Row[] = [
    ['objects', ...volumes.map(({ objects }) => number(objects))],
    ['text', ...volumes.map(({ objects, object }) => bytes(objects * object.textBytes))],
    ['**the pipeline**', ...bills.map((bill) => `**${usd(total(bill))}**`)],
    ['most of it', ...bills.map((bill) => ITEMS[largest(bill, 1)[0]!])],
    ["AWS's delivery", ...volumes.map((volume) => usd(deliveryCost(volume)))],
    [
      'the pipeline, the plain way',
      ...volumes.map((volume) => usd(total(pipelineBill(volume, model, 'plain')))),
    ],
    ['Parquet and no pipeline', ...volumes.map((volume) => usd(total(rivalBill(volume, model))))],
  ];
  return `### ${accounts === 1 ? 'One account' : `${accounts} accounts`}\n\n${table(head, rows)}\n`;
}

function dominanceRow(size: number, bill: Bill): Row {
  const share = (item: Item) => `${Math.round((100 * bill[item]) / total(bill))} %`;
  const [first, second] = largest(bill, 2) as [Item, Item];
  return [sizeText(size), ITEMS[first], share(first), ITEMS[second], share(second)];
}

/** What storage costs of a month's text, if nothing of it is archived. */
function monthOfStorage(volume: Volume, model: Model): number {
  const days = { rawDays: MONTH_DAYS, archiveAfterDays: MONTH_DAYS, lakeDays: MONTH_DAYS };
  const { raw, lake } = pipelineBill(volume, { ...model, assumptions: { ...model.assumptions, ...days } });
  return raw + lake;
}

/** What would lower the items that are the largest or the second largest of one of the bills. */
function advice(bills: readonly Bill[], unitsOfFinding: number, puts: number): string {
  const texts: Readonly<Record<Item, string>> = {
    ingest: 'less processor time an object; it is close to what the codecs take.',
    functions: 'longer batching windows, which make alerts later.',
    s3:
      `larger objects. One with findings takes ${Number(puts.toFixed(1))} PUTs: records, findings and receipt. Each wakes the next\n` +
      '  function, and the receipt is the proof.',
    sqs: 'larger objects.',
    dynamoDb:
      `fewer write units. A finding takes ${unitsOfFinding}, because it changes some four situations of 4 kB, each in a transaction,\n` +
      '  which doubles it, and once more in the index. Compressed situations and an index that holds only keys would take less\n' +
      '  than half. Whoever operates it lowers it with fewer flow logs: findings are counted for each object.',
    logs: 'a line for a batch, not for each object.',
    fixed: 'nothing: it is the same for one account and for 300.',
    sns: 'nothing.',
    partitions: 'partitions of days, which would make every query of an hour read a day.',
    raw: 'an earlier expiry: the lake holds everything that could be read. Smaller objects than 128 KB cannot be archived.',
    lake:
      'an earlier expiry; a higher level of zstd, whose processor time costs far less than the bytes that it saves; compaction\n' +
      '  to Parquet of what is older than some days. With small objects a good part are findings and receipts, which are\n' +
      '  not compressed.',
    scans: 'shorter time ranges, and one account at a time.',
    queryRequests:
      'larger objects, or compaction of what is older than some days: a query opens every object of its partitions.',
  };
  const items = new Set(bills.flatMap((bill) => largest(bill, 2)));
  return [...items].map((item) => `- **${ITEMS[item]}**:\n  ${texts[item]}`).join('\n');
}

function assumptionRows(assumptions: Assumptions): Row[] {
  return Object.entries(ASSUMPTIONS).map(([name, { means }]) => [
    `\`--${optionName(name as keyof Assumptions)}\``,
    String(assumptions[name as keyof Assumptions]),
    means,
  ]);
}

function priceRows(): Row[] {
  return Object.values(PRICES).map((price) => [
    'tiers' in price
      ? price.tiers
          .map(({ upTo, usd }) => (Number.isFinite(upTo) ? `${usd} up to ${number(upTo)}` : `then ${usd}`))
          .join(', ')
      : decimal(price.usd),
    price.per,
    price.basis,
    price.source,
  ]);
}

/** Small prices without an exponent. */
const decimal = (value: number) => value.toFixed(12).replace(/\.?0+$/, '');

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const grouped = (value: number, digits: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Cents matter below a hundred dollars. */
const usd = (value: number) => `$${grouped(value, Math.abs(value) < 100 ? 2 : 0)}`;

/** Three digits are as much as the model knows. */
const number = (value: number) =>
  Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 1 });

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

function bytes(value: number): string {
  const power = Math.max(0, Math.floor(Math.log10(value * 1.000_000_1) / 3));
  return `${number(value / 1000 ** power)} ${UNITS[power]}`;
}

const sizeText = (value: number) => bytes(value);
