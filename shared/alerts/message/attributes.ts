import { printable } from './safe-text.ts';
import type { AlertData } from './schema.ts';

/** Values of an attribute in a digest; and what SNS's filters compare is short. */
export const MOST_VALUES = 100;
const MAX_VALUE = 256;

/** What subscriptions can filter by, and where it is in an alert. */
export const ATTRIBUTES = {
  kind: ({ kind }) => kind,
  severity: ({ severity }) => severity,
  path: ({ path }) => path,
  meaning: ({ meaning }) => meaning,
  accountId: ({ accountId }) => accountId,
  region: ({ region }) => region,
  vpcId: ({ vpcId }) => vpcId,
  resourceId: ({ resourceId }) => resourceId,
} satisfies Readonly<Record<string, (alert: AlertData) => string | undefined>>;

/**
 * The attributes of a message about these alerts, the most severe first: texts if it is one, else arrays of all values. What
 * no alert has is left out.
 */
export function attributesOf(alerts: readonly AlertData[]): Record<string, string | readonly string[]> {
  const attributes: Record<string, string | readonly string[]> = {};
  for (const [name, of] of Object.entries(ATTRIBUTES)) {
    const values = new Set<string>();
    for (const alert of alerts) {
      const value = printable(of(alert) ?? '', MAX_VALUE);
      if (value !== '' && values.size < MOST_VALUES) values.add(value);
    }
    const [first] = values;
    if (first !== undefined) attributes[name] = alerts.length === 1 ? first : [...values];
  }
  return attributes;
}
