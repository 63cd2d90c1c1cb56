/** The table of verdicts: the first row whose condition holds is the answer. `docs/explain.md` is made of it. */

import type { Rule } from './rule.ts';
import { ANSWER_RULES } from './rules-of-answers.ts';
import { OPENER_RULES } from './rules-of-openers.ts';
import { REJECT_RULES } from './rules-of-rejects.ts';
import { SILENCE_RULES } from './rules-of-silence.ts';
import { TRANSIT_GATEWAY_RULES } from './rules-of-transit-gateways.ts';
import type { Situation } from './situation.ts';

export { CONFIDENCES, type Condition, type Confidence, type Outcome, type Rule } from './rule.ts';

/** The rules in order, by what decides. */
export const RULE_GROUPS: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: 'It is not known who asks', rules: OPENER_RULES },
  { title: 'Something is rejected', rules: REJECT_RULES },
  { title: 'A transit gateway drops packets', rules: TRANSIT_GATEWAY_RULES },
  { title: 'Something comes back', rules: ANSWER_RULES },
  { title: 'Nothing comes back', rules: SILENCE_RULES },
];
export const RULES: readonly Rule[] = RULE_GROUPS.flatMap(({ rules }) => rules);

/** The conditions of all rules in a row, taken apart once. */
const CONDITIONS = RULES.flatMap((rule) =>
  rule.when.map((condition) => ({
    rule,
    fields: Object.entries(condition) as [keyof Situation, readonly unknown[]][],
  })),
);

/** The row that answers a situation. Total: the last row fits everything. */
export function ruleFor(situation: Situation): Rule {
  const fits = CONDITIONS.find(({ fields }) =>
    fields.every(([field, values]) => values.includes(situation[field])),
  );
  return fits!.rule;
}
