import type { Access } from './access.ts';

/** A statement of an IAM policy, its intrinsic functions replaced. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Whether statements allow an access: one has to allow it on each resource, and none may deny it.
 *
 * Source: "Policy evaluation logic" (IAM User Guide).
 */
export function isAllowed(statements: readonly Statement[], { action, resources, context }: Access): boolean {
  return resources.every((resource) => {
    const concerned = statements.filter(
      ({ Action, Resource = [], Condition = {} }) =>
        [Action].flat().some((pattern) => matches(pattern, action)) &&
        [Resource].flat().some((pattern) => matches(pattern, resource)) &&
        isMet(Condition, context),
    );
    return concerned.length > 0 && concerned.every(({ Effect }) => Effect === 'Allow');
  });
}

function isMet(condition: NonNullable<Statement['Condition']>, context: Access['context']): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => {
      const value = context[key];
      switch (operator) {
        case 'Null':
          return String(value === undefined) === expected;
        case 'Bool':
          return value === expected;
        default:
          throw new Error(`A policy has the condition ${operator} on ${key}. Teach policy.ts.`);
      }
    }),
  );
}

function matches(pattern: string, text: string): boolean {
  // A resource of which only the kind is known, such as `…:workgroup/*`, is one that any pattern may mean.
  if (text.endsWith('/*')) return pattern.startsWith(text.slice(0, -1));
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
