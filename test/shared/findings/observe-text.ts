import type { Finding } from '../../../shared/findings/finding.ts';
import { createFindingObserver, type FindingContext } from '../../../shared/findings/observer.ts';
import { type Format, headerOf } from '../../../shared/flow-log/format.ts';
import { DEFAULT_FORMAT, formatOfHeader } from '../../../shared/flow-log/header.ts';
import { createTransform } from '../../../shared/flow-log/transform.ts';
import { borrowLineLoop, type LineLoop } from '../../../shared/line-loop/line-loop.ts';

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
  const loop = borrowLineLoop();
  try {
    const observed = startObserving(loop, context);
    observed.push(headerOf(format));
    for (const line of lines) observed.push(line);
    return observed.end();
  } finally {
    loop.release();
  }
}

/** An observer of lines that go through the transformation; formats change by header lines. `takeRecords` gets what becomes of them. */
export function startObserving(
  loop: LineLoop,
  context: FindingContext = CONTEXT,
  takeRecords: (records: string) => void = () => {},
) {
  const observer = createFindingObserver(context, loop);
  const transform = createTransform({
    loop,
    headerlessFormat: undefined,
    earliest: 0,
    latest: Number.POSITIVE_INFINITY,
    objectTime: 0,
    sink: {
      formatChanged: observer.formatChanged,
      openPartition: () => true,
      records: (bytes, from, to) => takeRecords(bytes.toString('utf8', from, to)),
      quarantine({ line, reason }) {
        throw new Error(`not a record (${reason}): ${line}`);
      },
    },
  });
  return {
    push: (line: string) => transform.push(Buffer.from(`${line.trim()}\n`)),
    end(): Observed {
      transform.end();
      return { findings: observer.finish(), counts: { ...observer.counts } };
    },
  };
}

/** The format of a header line; `default` is AWS's default format. */
export function formatOf(header: string): Format {
  const format = header === 'default' ? DEFAULT_FORMAT : formatOfHeader(header.trim().split(/ +/));
  if (format === undefined) throw new Error(`no header: ${header}`);
  return format;
}
