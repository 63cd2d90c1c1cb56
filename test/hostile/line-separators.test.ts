/** U+2028 and U+2029 end lines for Unicode and for Node's readline, but not for JSON Lines. */

import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { parseFindings } from '../../shared/findings/parse-findings.ts';
import { finding } from '../shared/findings/finding-parts.ts';

test.each(['\u2028', '\u2029'])(
  'a finding about an interface with %j in its id is read whole',
  async (separator) => {
    const written = finding({ resource_id: `eni-${separator}x` });
    const content = Readable.from([Buffer.from(`${JSON.stringify(written)}\n`)]);
    expect(await Array.fromAsync(parseFindings(content))).toEqual([written]);
  },
);
