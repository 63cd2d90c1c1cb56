/** What a resource's policy says, as far as it takes to tell whether a service of AWS gets through. */

interface Statement {
  readonly Sid?: string;
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
}

/** The statements of a policy document; none if there is none. */
export function statementsOf(document: string | undefined): readonly Statement[] {
  if (document === undefined || document === '') return [];
  const { Statement: statements = [] } = JSON.parse(document) as {
    Statement?: Statement | readonly Statement[];
  };
  return [statements].flat() as readonly Statement[];
}

/**
 * Whether a statement lets a service do something.
 *
 * @param source an ARN that the statement's condition has to name, or undefined if any will do.
 */
export function admits(
  statements: readonly Statement[],
  service: string,
  action: string,
  source?: string,
): boolean {
  return statements.some(
    ({ Effect, Principal, Action, Condition }) =>
      Effect === 'Allow' &&
      namedIn(Principal, 'Service').includes(service) &&
      [Action ?? []].flat().some((pattern) => covers(pattern, action)) &&
      (source === undefined || Condition === undefined || JSON.stringify(Condition).includes(source)),
  );
}

/** Statements that let anybody in, of any account, on no condition. */
export function openToAll(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' &&
      Condition === undefined &&
      (Principal === '*' || namedIn(Principal, 'AWS').includes('*')),
  );
}

function namedIn(principal: unknown, kind: 'AWS' | 'Service'): readonly string[] {
  if (typeof principal !== 'object' || principal === null) return [];
  return [(principal as { [K in typeof kind]?: string | readonly string[] })[kind] ?? []].flat();
}

/** Whether an action's pattern, `kms:GenerateDataKey*`, covers an action. */
function covers(pattern: string, action: string): boolean {
  if (pattern === '*') return true;
  // Actions are the same in any case.
  const [wanted, given] = [action.toLowerCase(), pattern.toLowerCase()];
  return given.endsWith('*') ? wanted.startsWith(given.slice(0, -1)) : wanted === given;
}
