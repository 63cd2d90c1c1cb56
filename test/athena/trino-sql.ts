/**
 * Reads SQL with Trino's grammar and says what Athena would refuse, or would answer otherwise than DuckDB.
 */

import {
  AliasedRelationContext,
  ArithmeticBinaryContext,
  BasicStringLiteralContext,
  CastContext,
  ColumnNameContext,
  ColumnRefContext,
  ComparisonOperatorContext,
  DecimalLiteralContext,
  FunctionCallContext,
  NamedQueryContext,
  NullLiteralContext,
  NumberContext,
  PredicatedContext,
  QueryNoWithContext,
  QuerySpecificationContext,
  SelectAllWithoutTableContext,
  SelectItemContext,
  SingleStatementContext,
  TypeConstructorContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js';
import { SHARED_FUNCTIONS, SHARED_SYNTAX, SHARED_TYPES } from '../../athena/shared-functions.ts';
import { TABLES } from '../../athena/tables.ts';
import { VIEWS } from '../../athena/views.ts';

export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface Reading {
  readonly problems: readonly Problem[];
  /** Functions that it calls, as `name/number of arguments`. */
  readonly calls: ReadonlySet<string>;
}

/** A node of the parse tree, but for single tokens. */
type Node = NonNullable<FunctionCallContext['parent']>;
type NodeType<T extends Node> = abstract new (...args: never[]) => T;

/** Reads one statement. */
export function readTrino(sql: string): Reading {
  const parser = new TrinoSQL();
  let isTrino = true;
  const tree = parser.parse(sql, () => {
    isTrino = false;
  });
  if (!isTrino) {
    return {
      problems: parser.validate(sql).map(({ startLine, message }) => ({
        line: startLine,
        text: `is no Trino: ${message}`,
      })),
      calls: new Set(),
    };
  }
  const nodes = [...within(tree)];
  const statements = nodes.filter((node) => node instanceof SingleStatementContext);
  const problems = [
    ...(statements.length === 1 ? [] : [{ line: 1, text: 'must be one statement' }]),
    ...nodes.flatMap((node) => problemsOf(node).map((text) => ({ line: lineOf(node), text }))),
    ...namesOutOfScope(tree),
  ];
  const calls = nodes.filter((node) => node instanceof FunctionCallContext).map(callOf);
  return { problems, calls: new Set(calls) };
}

/** Every node of a tree, itself first. */
function* within(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children ?? []) if ('children' in child) yield* within(child as Node);
}

function all<T extends Node>(node: Node, type: NodeType<T>): T[] {
  return [...within(node)].filter((each): each is T => each instanceof type);
}

/** Nodes of this kind that are not inside another one. */
function outermost<T extends Node>(node: Node, type: NodeType<T>): T[] {
  if (node instanceof type) return [node];
  return (node.children ?? []).flatMap((child) =>
    'children' in child ? outermost(child as Node, type) : [],
  );
}

/** The node without parentheses and rules around it that say nothing. */
function core(node: Node): Node {
  const [child, second, third] = node.children ?? [];
  if (child !== undefined && second === undefined && 'children' in child) return core(child as Node);
  if (child?.getText() === '(' && third?.getText() === ')' && second !== undefined && 'children' in second) {
    return core(second as Node);
  }
  return node;
}

const lineOf = (node: Node) => node.start?.line ?? 0;
const nameOf = (node: Node) => node.getText().replaceAll(/["`]/g, '').toLowerCase();

function callOf(call: FunctionCallContext): string {
  // count(*) has one argument, too.
  return `${nameOf(call.functionName())}/${call.ASTERISK() === null ? call.expression().length : 1}`;
}

/** Whether the list has the function with this number of arguments. */
function isShared(call: string): boolean {
  const [name, count] = call.split('/');
  return SHARED_FUNCTIONS.some(({ name: shared, parameters }) => {
    const isOpen = parameters.at(-1) === '...';
    const fits = isOpen ? Number(count) >= parameters.length - 1 : Number(count) === parameters.length;
    return shared === name && fits;
  });
}

const LIST = 'athena/shared-functions.ts';

function problemsOf(node: Node): string[] {
  const kind = node.constructor.name.replace(/Context$/, '');
  if (!SHARED_SYNTAX.has(kind)) {
    return [`"${excerpt(node)}" (${kind}) is not in the syntax that both engines share. See ${LIST}.`];
  }
  if (node instanceof FunctionCallContext) return problemsOfCall(node);
  if (node instanceof CastContext) {
    const isNull = core(node.expression()) instanceof NullLiteralContext;
    return problemsOfType(nameOf(node.type()), isNull ? 'NULL only' : 'anything');
  }
  if (node instanceof TypeConstructorContext) {
    return problemsOfType(nameOf(node.identifier() ?? node), 'anything');
  }
  if (node instanceof ArithmeticBinaryContext && /^[/%]$/.test(node._operator?.text ?? '')) {
    return problemsOfDivision(node);
  }
  if (node instanceof PredicatedContext) return problemsOfComparison(node);
  // DuckDB takes ASOF, ANTI, SEMI and POSITIONAL before JOIN for kinds of joins, Trino for names.
  if ((node instanceof AliasedRelationContext || node instanceof SelectItemContext) && node.identifier()) {
    return node.KW_AS() === null ? [`"${excerpt(node)}" gives a name without AS`] : [];
  }
  return [];
}

function problemsOfCall(call: FunctionCallContext): string[] {
  const name = nameOf(call.functionName());
  if (!isShared(callOf(call))) {
    return [
      `${name}() with ${callOf(call).split('/')[1]} arguments is not a function that both engines share. ` +
        `Use one of ${LIST}, or add it there with an example in test/local/trino-macros.test.ts.`,
    ];
  }
  if (!name.startsWith('regexp_')) return [];
  const pattern = core(call.expression(1)!);
  if (!(pattern instanceof BasicStringLiteralContext))
    return [`${name}() must have its pattern as a literal`];
  // What Java's syntax has and RE2's has not, or reads otherwise.
  const special = /\(\?(?!:)|\\[1-9A-Zbhkpv]|\[[^\]]*(\[|&&)|[*+?}]\+/.exec(pattern.getText());
  return special === null ? [] : [`${name}() uses "${special[0]}", which not both engines read alike`];
}

function problemsOfType(type: string, from: 'anything' | 'NULL only'): string[] {
  const takes = SHARED_TYPES[type];
  if (takes === undefined) return [`${type} is not a type that both engines share. See ${LIST}.`];
  return takes === 'NULL only' && from === 'anything'
    ? [`CAST to ${type} takes NULL only: the engines round differently. See ${LIST}.`]
    : [];
}

/** Division by zero is an error in Athena, or Infinity for doubles, and NULL in DuckDB. */
function problemsOfDivision(division: ArithmeticBinaryContext): string[] {
  const isDecimal = all(division, DecimalLiteralContext).length > 0;
  return [
    ...(cannotBeZero(core(division._right!))
      ? []
      : [`"${excerpt(division)}" may divide by zero. Divide by nullif(…, 0).`]),
    // 2.0 * 1 / 3 is 0.7 in Trino, which keeps the operands' scale.
    ...(isDecimal ? [`"${excerpt(division)}" divides decimals. Cast to double, or write 2e0 for 2.0.`] : []),
  ];
}

function cannotBeZero(divisor: Node): boolean {
  if (/^\d+(\.\d+)?$/.test(divisor.getText())) return Number(divisor.getText()) !== 0;
  if (!(divisor instanceof FunctionCallContext)) return false;
  const name = nameOf(divisor.functionName());
  const literal = Number(divisor.expression(1)?.getText());
  return (name === 'nullif' && literal === 0) || (name === 'greatest' && literal > 0);
}

/** DuckDB reads '22' as a number beside a number, and a text as a number beside 5. Athena refuses both. */
function problemsOfComparison(comparison: PredicatedContext): string[] {
  const operands = [comparison.valueExpression(), ...(comparison.predicate()?.children ?? [])].filter(
    (each) => 'children' in each && !(each instanceof ComparisonOperatorContext),
  );
  const kinds = operands.map((operand) => kindOf(core(operand as Node)));
  return kinds.includes('text') && kinds.includes('number')
    ? [`"${excerpt(comparison)}" compares a text with a number`]
    : [];
}

/** What a literal or a column of the lake holds; undefined for everything else. */
function kindOf(operand: Node): 'text' | 'number' | undefined {
  if (operand instanceof BasicStringLiteralContext) return 'text';
  return operand instanceof NumberContext ? 'number' : KINDS.get(nameOf(operand));
}

/** By the names of columns. A name stands for one kind in all tables and views, and has to in queries. */
const KINDS = new Map(
  [
    ...TABLES.flatMap(({ columns, partitions }) => [...columns, ...partitions]),
    ...VIEWS.flatMap(({ added }) => added),
  ]
    .filter(({ type }) => /^(string|int|bigint|double)$/.test(type))
    .map(({ name, type }) => [name, type === 'string' ? 'text' : 'number'] as const),
);

function excerpt(node: Node): string {
  const text = node.getText();
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Tables with their columns. */
type Scope = ReadonlyMap<string, readonly string[]>;

const LAKE: Scope = new Map<string, readonly string[]>([
  ...TABLES.map(({ name, columns, partitions }): [string, string[]] => [
    name,
    ['$path', ...[...columns, ...partitions].map((column) => column.name)],
  ]),
  ...VIEWS.map(({ name, columns }): [string, string[]] => [name, columns.map((column) => column.name)]),
]);

/**
 * Names that Athena does not find. DuckDB lets an expression use the names that its own SELECT gives; in Trino only ORDER
 * BY may, and not within a function that aggregates.
 */
function namesOutOfScope(tree: Node): Problem[] {
  const scope = new Map(LAKE);
  // In the order of the text: a WITH table knows those before it.
  for (const table of all(tree, NamedQueryContext)) {
    const [select] = all(table.query(), QuerySpecificationContext);
    if (select !== undefined) scope.set(nameOf(table.identifier()), outputOf(select, scope));
  }
  return all(tree, QueryNoWithContext).flatMap((query) => {
    const [select] = all(query.queryTerm(), QuerySpecificationContext);
    return select === undefined ? [] : problemsOfNames(select, query.sortItem(), scope);
  });
}

function problemsOfNames(select: QuerySpecificationContext, order: readonly Node[], scope: Scope): Problem[] {
  const input = inputOf(select, scope);
  const output = outputOf(select, scope);
  const given = select
    .selectList()
    .selectItem()
    .map((item) => item.identifier());
  const isGiven = (name: string) => given.some((each) => each !== null && nameOf(each) === name);
  const clauses = [select.selectList(), select.whereClause(), select.groupBy(), select.havingClause()];
  const problems = (nodes: readonly (Node | null)[], text: (name: string) => string | undefined) =>
    nodes
      .flatMap((node) => (node === null ? [] : references(node)))
      .flatMap((node) => {
        const problem = text(columnOf(node));
        return problem === undefined ? [] : [{ line: lineOf(node), text: `"${columnOf(node)}" ${problem}` }];
      });
  return [
    ...problems(clauses, (name) => {
      if (input.includes(name)) return undefined;
      return isGiven(name)
        ? 'is named by this SELECT itself, and Trino knows such names in ORDER BY only'
        : 'is no column of what the SELECT reads';
    }),
    ...problems(order, (name) =>
      input.includes(name) || output.includes(name) ? undefined : 'is no column that ORDER BY knows',
    ),
    ...problems(
      order.flatMap((item) => outermost(item, FunctionCallContext)),
      (name) =>
        isGiven(name)
          ? 'is named by this SELECT itself, and Trino refuses such names in functions of ORDER BY'
          : undefined,
    ),
  ];
}

/** Names of columns in an expression. */
function references(node: Node): Node[] {
  return [...within(node)].filter(
    (each) => each instanceof ColumnNameContext || each instanceof ColumnRefContext,
  );
}

/** The column of a name that may begin with its table. */
const columnOf = (node: Node) => nameOf(node).split('.').at(-1) ?? '';

/** The columns that a SELECT can read. */
function inputOf(select: QuerySpecificationContext, scope: Scope): readonly string[] {
  return select
    .relation()
    .flatMap((relation) => outermost(relation, AliasedRelationContext))
    .flatMap((relation) => {
      const names = relation.columnAliases()?.identifier();
      if (names !== undefined) return names.map(nameOf);
      const [inner] = all(relation, QuerySpecificationContext);
      if (inner !== undefined) return outputOf(inner, scope);
      return scope.get(nameOf(relation.relationPrimary())) ?? [];
    });
}

/** The columns that a SELECT gives. */
function outputOf(select: QuerySpecificationContext, scope: Scope): readonly string[] {
  return select
    .selectList()
    .selectItem()
    .flatMap((item) => {
      if (all(item, SelectAllWithoutTableContext).length > 0) return inputOf(select, scope);
      return columnOf(item.identifier() ?? item);
    });
}
