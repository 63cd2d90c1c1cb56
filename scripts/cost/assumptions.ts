/** What the cost model assumes because nobody can measure it here. Each can be changed: `npm run cost -- --accounts 300`. */

interface Assumption {
  readonly value: number;
  readonly means: string;
  /** Whether it can't be 0. */
  readonly isAboveZero?: boolean;
}

export const ASSUMPTIONS = {
  accounts: { value: 30, means: 'accounts that deliver; the terabyte comes from as many', isAboveZero: true },
  flowLogs: {
    value: 2,
    isAboveZero: true,
    means:
      'flow logs of an account, all in one Region. AWS delivers an object of each every five minutes, so this and the size of objects decide the traffic',
  },
  gbPerAccount: {
    value: 0,
    means:
      'GB of flow log text of an account in a month; if it is given, it decides how many objects there are, and not the flow logs',
  },
  shareWithFindings: {
    value: 0.5,
    means:
      'share of objects that have findings. A VPC that faces the internet has some in each, others hardly any; the simulated account has one of each',
  },
  requestMs: { value: 25, means: 'milliseconds that a request to S3, SQS or DynamoDB takes' },
  statementMs: { value: 1500, means: 'milliseconds that an Athena statement takes that adds partitions' },
  processorSpeed: {
    value: 1,
    isAboveZero: true,
    means: "speed of Lambda's arm64 processor, 1 being the machine that measured",
  },
  messageCpuMs: { value: 0.1, means: 'milliseconds of a processor to read a notification' },
  findingCpuMs: { value: 5, means: 'milliseconds of a processor to count a finding, from serverless.yml' },
  registrations: {
    value: 6,
    means: "times that an hour's partition is added anew: every 15 minutes as long as objects arrive for it",
  },
  pollers: { value: 5, means: 'long polls of 20 seconds that Lambda keeps open on an idle queue' },
  rawDays: { value: 400, means: 'days that raw objects are kept (raw.expireAfterDays)' },
  archiveAfterDays: {
    value: 30,
    means:
      'days until raw objects of 128 kB or more move to Glacier Instant Retrieval (raw.archiveAfterDays)',
  },
  lakeDays: { value: 400, means: 'days that the lake is kept (lake.expireAfterDays)' },
  shortQueries: { value: 10, means: 'saved queries a day that read 2 hours of all accounts' },
  dayQueries: {
    value: 5,
    means: 'saved queries a day that read 24 hours of all accounts, as they do without --since',
  },
  monthQueries: { value: 1, means: 'queries a day that read 30 days of one account' },
  findingQueries: { value: 3, means: 'saved queries a day that read a day of findings' },
  receiptQueries: { value: 2, means: 'saved queries a day that read a day of receipts' },
  scans: {
    value: 1,
    means:
      'times that a query reads its partitions: once with all saved queries, oftener with one that joins a table to itself',
  },
  emails: { value: 5, means: 'people who get alerts by e-mail' },
  messagesPerDay: {
    value: 46,
    means: 'alerts a day; docs/alerts.md has 46 for 300 accounts and 11 for a single one',
  },
  jsonGets: {
    value: 1,
    means: 'GETs for an object of the lake; Athena may ask several times for a large one',
  },
  parquetSize: {
    value: 0.8,
    means:
      "size of AWS's Parquet objects, gzip text being 1, from 100 kB on (VPC User Guide); smaller ones are taken to be as large as text",
  },
  parquetRead: {
    value: 0.3,
    means: "share of a Parquet object's bytes that a query reads: some columns of many",
  },
  parquetGets: { value: 3, means: 'GETs for a Parquet object: its footer and two ranges of columns' },
} as const satisfies Readonly<Record<string, Assumption>>;

export type Assumptions = Readonly<Record<keyof typeof ASSUMPTIONS, number>>;

export const DEFAULTS = Object.fromEntries(
  Object.entries(ASSUMPTIONS).map(([name, { value }]) => [name, value]),
) as Assumptions;

/** `gbPerAccount` as people type it: `gb-per-account`. */
export const optionName = (name: keyof Assumptions) =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * The assumptions with some of them changed.
 *
 * @param given values as people type them, by name
 * @throws Error that names the option and says what it takes.
 */
export function assumptionsWith(given: Readonly<Partial<Record<keyof Assumptions, string>>>): Assumptions {
  const names = Object.keys(given) as (keyof Assumptions)[];
  const changed = names.map((name) => [name, numberOf(name, given[name]!)]);
  return { ...DEFAULTS, ...Object.fromEntries(changed) };
}

function numberOf(name: keyof Assumptions, text: string): number {
  const { isAboveZero = false }: Assumption = ASSUMPTIONS[name];
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && (isAboveZero ? value > 0 : value >= 0)) return value;
  throw new Error(
    `--${optionName(name)} takes a number ${isAboveZero ? 'above 0' : 'from 0'}, not "${text}".`,
  );
}
