/**
 * The transformation in production, held against the plain one of `test/oracle`: same records by partition, same
 * quarantine, same counts. `npm run fuzz` goes on where this ends.
 */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { INPUT_BYTES, MAX_LINE_BYTES, WINDOW_BYTES } from '../../../shared/line-loop/layout.ts';
import { HOUR } from '../../fuzz/texts.ts';
import { checkTransform, type TransformCase, transformCase } from '../../fuzz/transform-case.ts';

/** A case of a text that is given whole, unless told otherwise. */
function caseOf(text: string, more: Partial<TransformCase> = {}): TransformCase {
  return {
    text,
    cutting: { every: Number.MAX_SAFE_INTEGER },
    earliest: 0,
    objectTime: HOUR,
    maxPartitions: 256,
    ...more,
  };
}

test('whatever is in an object and however it is cut', () => {
  // Making a large input that failed smaller may take long.
  const limit = { interruptAfterTimeLimit: 45_000, markInterruptAsFailure: true };
  fc.assert(fc.property(transformCase, checkTransform), { seed: 6, numRuns: 400, ...limit });
});

describe('where the memory of the line loop has its edges', () => {
  const line = (index: number) => `10.0.0.${index % 10} ${index} -`;
  const lines = Array.from({ length: 3000 }, (_, index) => line(100 + (index % 800)));

  test.each([
    ['\n', WINDOW_BYTES],
    ['\r\n', WINDOW_BYTES],
    ['\r\n', INPUT_BYTES],
  ])('lines that end in %j, at every place around %i bytes', (lineEnd, edge) => {
    const period = lines[0]!.length + lineEnd.length;
    const count = Math.ceil(edge / period) + 2;
    const text = Array.from({ length: count }, (_, index) => lines[index % lines.length]).join(lineEnd);
    for (let shift = 0; shift <= period; shift++) {
      // The first record is longer by the shift, so that all others lie elsewhere in the window.
      checkTransform(
        caseOf(`srcaddr bytes start\n${'a'.repeat(shift + 1)} 1 ${HOUR}${lineEnd}${text}${lineEnd}`),
      );
    }
  });

  test('strings of every length around that of registers, as the last bytes of the input and in its middle', () => {
    for (let length = 1; length <= 70; length++) {
      for (const odd of ['a', '"', '\\', '\x1f', 'é', '\xff']) {
        const value = 'abcdefghij'.repeat(7).slice(0, length - 1) + odd;
        checkTransform(caseOf(`bytes srcaddr dstaddr\n1 ${value} b\n1 a ${value}`));
        checkTransform(
          caseOf(`bytes srcaddr dstaddr\n1 ${value} ${value}\r\n1 - -\n`, { cutting: { every: 7 } }),
        );
      }
    }
  });

  test('numbers of every length', () => {
    for (const first of ['0', '1', '2', '9']) {
      for (let length = 1; length <= 21; length++) {
        const number = first + '147483648'.repeat(3).slice(0, length - 1);
        checkTransform(
          caseOf(
            `srcport bytes start end\n${number} 1 - -\n1 ${number} - -\n1 1 ${number} -\n1 1 - ${number}\n`,
          ),
        );
      }
    }
  });
});

describe('the longest line', () => {
  const around = Array.from({ length: 9 }, (_, index) => MAX_LINE_BYTES - 4 + index);

  test.each(['\n', '\r\n', '\r\r\n', ''])('that ends in %j, cut where it ends', (lineEnd) => {
    for (const length of around) {
      const before = 'srcaddr bytes\n';
      const text = `${before}${'a'.repeat(length - 2)} 1${lineEnd}`;
      for (const edge of [length - 1, length, length + 1, length + 2]) {
        checkTransform(caseOf(text, { cutting: { edges: [before.length + edge] } }));
      }
    }
  });

  test.each(['', '\xef\xbb\xbf'])('as a header, with %j before it', (mark) => {
    for (const length of around) {
      const text = `${mark}srcaddr ${'n'.repeat(length - 'srcaddr '.length)}\r\na b\r\n`;
      for (const edge of [0, 1, 2, 3, 4]) {
        checkTransform(caseOf(text, { cutting: { edges: [mark.length + length + edge] } }));
      }
    }
  });
});

test('an object of more hours than it may open, in turn', () => {
  const lines = Array.from({ length: 4000 }, (_, index) => `a ${HOUR + (index % 7) * 3600}`);
  for (const maxPartitions of [1, 3, 6, 7]) {
    checkTransform(caseOf(`srcaddr start\n${lines.join('\n')}\n`, { maxPartitions }));
  }
});
