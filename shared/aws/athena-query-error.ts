import { type AthenaTarget, StatementError } from './athena-statement.ts';
import { ADVICE_OF_ALL_SERVICES } from './sdk-error.ts';

interface Advice {
  /** What the error's name and text look like. The first that matches counts. */
  readonly looksLike: RegExp;
  /** What to do. */
  readonly advice: (target: AthenaTarget) => string;
}

/** A shorter time alone does not help explain: it reads a day to learn about interfaces. */
const NARROW =
  'Narrow the time range (--since, --until), for "flowlogs explain" also the accounts (--account)';

/**
 * What people can do about what Athena says. Its texts are not documented as a whole; these are seen in practice or in
 * "Troubleshoot issues in Athena" (Amazon Athena User Guide), and what matches none is still shown as it is.
 */
const ADVICE: readonly Advice[] = [
  ...ADVICE_OF_ALL_SERVICES.map(({ looksLike, advice }) => ({ looksLike, advice: () => advice })),
  {
    looksLike: /WorkGroup .*(?:not found|does not exist)/i,
    advice: ({ workgroup }) =>
      `Is the stack deployed, in this account and Region? Name what was deployed with --stage, --region and --profile, or ` +
      `another workgroup than ${workgroup} with --workgroup.`,
  },
  {
    looksLike: /WorkGroup .*disabled/i,
    advice: () => 'Enable the workgroup in Athena, or name another one with --workgroup.',
  },
  {
    looksLike: /output location|OutputLocation/,
    advice: ({ workgroup }) =>
      `The workgroup ${workgroup} does not say where results go. Name the stack's with --stage, or set a location for ` +
      'results in the workgroup.',
  },
  {
    looksLike: /Bytes scanned limit/i,
    advice: ({ workgroup }) =>
      `The workgroup ${workgroup} cancels what scans more. ${NARROW}, or raise athena.scanLimitGb in the stage file and deploy.`,
  },
  {
    looksLike: /exhausted resources|EXCEEDED_\w*(?:LIMIT|TIME)|EXCEEDED_CPU|timed? ?out/i,
    advice: () => `It is too much for Athena at once. ${NARROW}, or ask for fewer groups.`,
  },
  {
    looksLike:
      /SCHEMA_NOT_FOUND|TABLE_NOT_FOUND|DATABASE_NOT_FOUND|EntityNotFound|(?:Schema|Database|Table) \S+ (?:does not exist|not found)/i,
    advice: ({ database }) =>
      `Is the stack deployed, with its tables in the database ${database}? Name what was deployed with --stage, --region ` +
      'and --profile, or another database with --database.',
  },
  {
    looksLike: /VIEW_IS_STALE|INVALID_VIEW/,
    advice: () => 'The views are those of an older release. Deploy the stack again.',
  },
  {
    // Before permissions: what Athena says of an unknown column mentions these, too.
    looksLike:
      /SYNTAX_ERROR|[A-Z]_NOT_FOUND|TYPE_MISMATCH|MALFORMED|mismatched input|^(?:\w+: )*line \d+:\d+|DIVISION_BY_ZERO|OUT_OF_RANGE|INVALID_(?:CAST|FUNCTION|COLUMN|LITERAL)\w*|AMBIGUOUS_\w+|NOT_SUPPORTED/,
    advice: () => 'Change the SQL: it is what Athena cannot do.',
  },
  {
    looksLike: /access ?denied|not authorized|insufficient .*permission|\bKMS\b/i,
    advice: () =>
      "Attach the stack's policy ReaderPolicyArn (see its outputs) to who asks. If Lake Formation governs the catalogue, " +
      'grant the database and its tables there, too.',
  },
  {
    looksLike: /HIVE_BAD_DATA|HIVE_CURSOR_ERROR|HIVE_CANNOT_OPEN_SPLIT|HIVE_INVALID/,
    advice: () =>
      'An object of the lake cannot be read. If its name is there, look at it; nothing that flowlogs writes should do that, ' +
      'so report it.',
  },
  {
    looksLike: /TooManyRequests|Throttl|QUEUE_FULL|EXCEEDED_QUEUE/i,
    advice: () => 'Athena has too much to do for this account. Try again in a minute.',
  },
];

/** What happened to a query, and what to do: an error for people. */
export function athenaQueryError(error: unknown, target: AthenaTarget): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { what, text } =
    error instanceof StatementError
      ? { what: `Athena ${error.isCancelled ? 'cancelled' : 'could not run'} the query`, text: error.reason }
      : { what: 'Athena could not be asked', text: error.message };
  const advice = ADVICE.find(({ looksLike }) => looksLike.test(`${error.name}: ${text}`))?.advice(target);
  const retry =
    error instanceof StatementError && error.isRetryable
      ? 'It may succeed another time: try again.'
      : undefined;
  const sentences = [`${what}: ${text.trim().replace(/\.$/, '')}.`, advice ?? retry].filter(
    (part) => part !== undefined,
  );
  return new Error(sentences.join(' '), { cause: error });
}
