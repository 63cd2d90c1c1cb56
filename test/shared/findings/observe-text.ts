import type { Finding } from '../../../shared/findings/finding.ts';
import { createFindingObserver, type FindingContext } from '../../../shared/findings/observer.ts';
import type { Format, RecordView } from '../../../shared/flow-log/format.ts';
import { DEFAULT_FORMAT, formatOfHeader } from '../../../shared/flow-log/header.ts';

export const CONTEXT: FindingContext = {
  source: 's3://raw/some.log.gz',
  accountId: '123456789010',
  region: 'eu-west-1',
};

export interface Observed {
  readonly findings: Finding[];
  readonly counts: { nodata: number; skipdata: number; rejected: number };
}

/** What an observer finds in a text of flow log lines, the first of which is the header. */
export function observeText(text: string, context: FindingContext = CONTEXT): Observed {
  const [header = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  return observeLines(formatOf(header), lines, context);
}

/** What an observer finds in lines of a format. */
export function observeLines(
  format: Format,
  lines: Iterable<string>,
  context: FindingContext = CONTEXT,
): Observed {
  const observer = createFindingObserver(context);
  observer.formatChanged(format);
  for (const line of lines) observer.observe(recordView(format, line));
  return { findings: observer.finish(), counts: { ...observer.counts } };
}

/** The format of a header line; `default` is AWS's default format. */
export function formatOf(header: string): Format {
  const format = header === 'default' ? DEFAULT_FORMAT : formatOfHeader(header.trim().split(/ +/));
  if (format === undefined) throw new Error(`no header: ${header}`);
  return format;
}

/** A view of one line, as the transformation hands it over. */
export function recordView(format: Format, line: string): RecordView {
  const tokens = line.trim().split(/ +/);
  if (tokens.length !== format.columns.length) throw new Error(`wrong number of columns: ${line}`);
  // As in the transformation's buffer, the line does not start at the first byte.
  const bytes = Buffer.from(`#${tokens.join(' ')}\n`);
  const tokenStart = new Int32Array(tokens.length);
  const tokenEnd = new Int32Array(tokens.length);
  const numbers = new Float64Array(tokens.length);
  let at = 1;
  for (const [index, token] of tokens.entries()) {
    tokenStart[index] = at;
    at += Buffer.byteLength(token);
    tokenEnd[index] = at;
    at++;
    if (format.columns[index]!.type !== 'string') numbers[index] = token === '-' ? -1 : Number(token);
  }
  return {
    bytes,
    data: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    lineStart: 1,
    lineEnd: bytes.length - 1,
    tokenStart,
    tokenEnd,
    numbers,
  };
}
