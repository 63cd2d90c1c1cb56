import { type Constant, type Limit, SECTIONS } from './limits.ts';

/** What a function has, as serverless.yml says. */
export interface FunctionLimits {
  readonly name: string;
  readonly memorySize: number;
  readonly timeout: number;
  readonly batchSize: number | undefined;
  readonly maximumConcurrency: number | undefined;
}

/**
 * Renders `docs/limits.md`; a test keeps the file fresh.
 *
 * @param numberOf the number that a constant of the code has.
 */
export function limitsPage(
  numberOf: (constant: Constant) => number,
  functions: readonly FunctionLimits[],
): string {
  const row = ({ what, constant, value, unit, outcome, shown: [file, text] }: Limit) => {
    const number = constant === undefined ? '' : numberText(numberOf(constant), unit);
    const place = constant === undefined ? '' : `<br>[\`${constant[1]}\`](../${constant[0]})`;
    const name = /^[a-z0-9].* /i.test(text) && file.startsWith('test/') ? `: ${text}` : '';
    return `| ${what} | ${value ?? number}${place} | ${outcome} | [${file.split('/').at(-1)}](../${file})${name} |`;
  };
  return `# Limits

What has an end, and what happens there. Rendered by \`docs/limits-page.ts\` from \`docs/limits.ts\`: the numbers are read from
the code, and a test looks that each proof is there. Nothing is dropped in silence: at every limit something is counted,
said or refused.

${SECTIONS.map(
  ({ title, about, limits }) => `## ${title}
${about === '' ? '' : `\n${about}\n`}
| What | Limit | What happens there | Shown by |
| --- | --- | --- | --- |
${limits.map(row).join('\n')}
`,
).join('\n')}
## Functions

From serverless.yml. A batch holds messages; each fails for itself.

| Function | Memory, MB | Timeout, s | Batch | At a time |
| --- | ---: | ---: | ---: | ---: |
${functions
  .map(
    ({ name, memorySize, timeout, batchSize, maximumConcurrency }) =>
      `| \`${name}\` | ${memorySize} | ${timeout} | ${batchSize ?? '-'} | ${maximumConcurrency ?? '-'} |`,
  )
  .join('\n')}

How much memory and time real objects take is measured: [bench/README.md](../bench/README.md).
`;
}

const MEBIBYTE = 1024 * 1024;

function numberText(value: number, unit: string | undefined): string {
  const number = value.toLocaleString('en-US');
  if (unit === 'bytes' && value >= 1024 ** 3) return `${value / 1024 ** 3} GiB`;
  if (unit === 'bytes' && value >= MEBIBYTE) return `${value / MEBIBYTE} MiB`;
  if (unit === 'bytes' && value % 1024 === 0) return `${value / 1024} KiB`;
  return unit === undefined ? number : `${number} ${unit}`;
}
