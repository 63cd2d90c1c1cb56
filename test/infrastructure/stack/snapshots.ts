import { describe, expect, test } from 'vitest';
import { stage } from '../packaged-stages.ts';

/** What matters is in the snapshots once: the whole least stack, and how others differ from it. */
describe('the template', () => {
  test('of the least stage', async () => {
    await expect(text(masked('minimal'))).toMatchFileSnapshot('snapshots/minimal.snap');
  });

  test.each(['existing-bucket', 'log-archive', 'organization', 'everything'])(
    'of %s, as far as it differs from that',
    async (name) => {
      const least = masked('minimal');
      const parts = Object.entries(masked(name)).map(([section, items]) => {
        const base = least[section] ?? {};
        const isOther = ([id]: [string, unknown]) => text(items[id]) !== text(base[id]);
        const missing = Object.keys(base).filter((id) => !(id in items));
        return [section, { ...Object.fromEntries(Object.entries(items).filter(isOther)), missing }];
      });
      await expect(text(Object.fromEntries(parts))).toMatchFileSnapshot(`snapshots/${name}.snap`);
    },
  );
});

const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** A template without what differs from run to run or stage to stage, or has tests of its own. */
function masked(name: string): Record<string, Record<string, unknown>> {
  const { Resources, Outputs } = stage(name);
  const json = JSON.stringify({ Resources, Outputs }, (key, value) => {
    if (value?.Type === 'AWS::Athena::NamedQuery') return undefined;
    if (key === 'S3Key' && typeof value === 'string') return value.replace(/\d{13}-[^/]+Z/, '<time>');
    if ((key === 'STAGE' || key === 'Value') && value === name) return '<stage>';
    if (key === 'Columns') return `<${value.length} columns>`;
    if (key === 'DashboardBody') return '<dashboard>';
    if (key === 'ViewOriginalText') return '<query>';
    return value;
  });
  const underscored = name.replaceAll('-', '_');
  return JSON.parse(
    json
      .replaceAll(new RegExp(`\\bflowlogs([-/]|-lambda-)${name}\\b`, 'g'), 'flowlogs$1<stage>')
      .replaceAll(new RegExp(`\\bflowlogs_${underscored}\\b`, 'g'), 'flowlogs_<stage>')
      .replaceAll(new RegExp(`(stage |[(])${name}\\b`, 'g'), '$1<stage>'),
  );
}
