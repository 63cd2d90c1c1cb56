/**
 * The SQL that Athena (Trino) and DuckDB share: all that the views, the saved queries and `explain` may use. A test reads
 * every statement with Trino's grammar and refuses what is not here, because a laptop would run what Athena refuses, or
 * would answer something else.
 *
 * Differences that stay: sums beyond 64 bits are exact in DuckDB and an error in Athena, as is a division by zero, which is
 * NULL in DuckDB (so statements divide by nullif(…, 0)); `SELECT *` over a table shows its column "$path", which Athena
 * hides; DuckDB takes `x || 1` and numbers for booleans, which Athena refuses and a grammar cannot tell.
 */

/**
 * A function that both engines have, with one number of arguments.
 *
 * Source: "Functions and operators" (Trino documentation), to which "Athena engine version 3 functions" (Amazon Athena
 * User Guide) refers.
 */
export interface SharedFunction {
  readonly name: string;
  /** For people, and for the macro, which takes no other type than one named here. `...` at the end: any number. */
  readonly parameters: readonly string[];
  /**
   * What gives Trino's result in DuckDB, where its own function of this name does not. A macro takes no FILTER and no
   * DISTINCT: write `approx_distinct(CASE WHEN … THEN x END)`, which both engines run.
   */
  readonly macro?: string;
  /** Why it needs the macro. */
  readonly why?: string;
  /** What it is here for if neither a query nor a view needs it. */
  readonly keptFor?: string;
}

const IGNORES_NULL = "DuckDB's ignores NULLs, Trino's is NULL if any argument is";

export const SHARED_FUNCTIONS: readonly SharedFunction[] = [
  // Aggregate functions.
  {
    name: 'approx_distinct',
    parameters: ['x'],
    macro: 'count(DISTINCT x)',
    why: 'other name; exact here',
    keptFor: "people's own SQL over large lakes",
  },
  {
    name: 'approx_percentile',
    parameters: ['x', 'share'],
    macro: 'quantile_disc(x, share)',
    why: 'other name; exact here, and of the type of x as in Trino',
  },
  { name: 'array_agg', parameters: ['x'] },
  { name: 'bool_and', parameters: ['x'] },
  { name: 'bool_or', parameters: ['x'] },
  { name: 'count', parameters: ['x'] },
  {
    name: 'count_if',
    parameters: ['x'],
    macro: 'count(CASE WHEN x THEN 1 END)',
    why: "DuckDB's is NULL without rows, Trino's 0",
  },
  { name: 'max', parameters: ['x'] },
  {
    name: 'max_by',
    parameters: ['x', 'y'],
    macro: 'arg_max_null(x, y)',
    why: "DuckDB's passes over rows whose x is NULL",
  },
  { name: 'min', parameters: ['x'] },
  {
    name: 'min_by',
    parameters: ['x', 'y'],
    macro: 'arg_min_null(x, y)',
    why: "DuckDB's passes over rows whose x is NULL",
  },
  { name: 'sum', parameters: ['x'] },

  // Window functions.
  { name: 'first_value', parameters: ['x'] },
  { name: 'lag', parameters: ['x'] },
  { name: 'lead', parameters: ['x'] },
  { name: 'row_number', parameters: [] },

  // Conditional expressions and comparison.
  { name: 'coalesce', parameters: ['x', '...'] },
  {
    name: 'greatest',
    parameters: ['a', 'b'],
    macro: 'CASE WHEN a >= b THEN a WHEN a < b THEN b END',
    why: IGNORES_NULL,
  },
  {
    name: 'least',
    parameters: ['a', 'b'],
    macro: 'CASE WHEN a <= b THEN a WHEN a > b THEN b END',
    why: IGNORES_NULL,
  },
  { name: 'nullif', parameters: ['x', 'y'] },

  // Numbers.
  { name: 'abs', parameters: ['x'] },
  { name: 'bitwise_and', parameters: ['a', 'b'], macro: 'a & b', why: 'an operator in DuckDB' },
  {
    name: 'bitwise_or',
    parameters: ['a', 'b'],
    macro: 'a | b',
    why: 'an operator in DuckDB',
    keptFor: "people's own SQL over TCP flags",
  },

  // Strings.
  { name: 'concat', parameters: ['a VARCHAR', 'b VARCHAR'], macro: 'a || b', why: IGNORES_NULL },
  {
    name: 'concat',
    parameters: ['a VARCHAR', 'b VARCHAR', 'c VARCHAR'],
    macro: 'a || b || c',
    why: IGNORES_NULL,
  },
  {
    name: 'concat',
    parameters: ['a VARCHAR', 'b VARCHAR', 'c VARCHAR', 'd VARCHAR'],
    macro: 'a || b || c || d',
    why: IGNORES_NULL,
  },
  { name: 'concat_ws', parameters: ['separator', 'text', '...'] },
  { name: 'lpad', parameters: ['text', 'length', 'padding'] },
  { name: 'replace', parameters: ['text', 'part', 'by'] },
  { name: 'split', parameters: ['text', 'separator'] },
  {
    name: 'split_part',
    parameters: ['text', 'separator', 'place'],
    macro: 'string_split(text, separator)[place]',
    why: "DuckDB's gives an empty text beyond the last part, Trino's NULL",
  },
  { name: 'strpos', parameters: ['text', 'part'] },
  {
    name: 'substr',
    parameters: ['text', 'first', 'length'],
    macro: "CASE WHEN first = 0 OR -first > length(text) THEN '' ELSE substring(text, first, length) END",
    why: "DuckDB's cuts off what lies before the text, Trino's is empty",
  },

  // Regular expressions: the syntax that Java and RE2 share.
  {
    name: 'regexp_extract',
    parameters: ['text', 'pattern', 'part'],
    macro: 'regexp_extract_all(text, pattern, part)[1]',
    why: "DuckDB's gives an empty text where nothing matches, Trino's NULL",
  },
  {
    name: 'regexp_like',
    parameters: ['text', 'pattern'],
    macro: 'regexp_matches(text, pattern)',
    why: 'other name',
  },

  // Date and time.
  {
    name: 'date_add',
    parameters: ['unit', 'amount', 'moment'],
    macro: `moment + amount * CASE unit
      WHEN 'second' THEN INTERVAL 1 SECOND
      WHEN 'minute' THEN INTERVAL 1 MINUTE
      WHEN 'hour' THEN INTERVAL 1 HOUR
      WHEN 'day' THEN INTERVAL 1 DAY
      WHEN 'week' THEN INTERVAL 7 DAY
      WHEN 'month' THEN INTERVAL 1 MONTH
      ELSE error('date_add takes the units second, minute, hour, day, week and month here') END`,
    why: "DuckDB's takes a moment and an interval",
  },
  {
    name: 'date_format',
    parameters: ['moment', 'format'],
    // %M first: it is the month's name in Trino's notation (MySQL's), and minutes in DuckDB's.
    macro:
      "strftime(moment, replace(replace(replace(replace(format, '%M', '%B'), '%i', '%M'), '%s', '%S'), '%T', '%H:%M:%S'))",
    why: 'other name and notation',
  },
  {
    name: 'from_unixtime',
    parameters: ['seconds'],
    macro: 'to_timestamp(seconds)',
    why: 'other name; both give a timestamp with time zone',
  },
  { name: 'to_unixtime', parameters: ['moment'], macro: 'epoch(moment)', why: 'other name' },

  // Arrays.
  {
    name: 'array_distinct',
    parameters: ['list'],
    macro: 'list_filter(list, lambda element, place: list_position(list, element) = place)',
    why: "DuckDB's drops NULL and the order",
  },
  {
    name: 'array_join',
    parameters: ['list', 'separator'],
    macro: 'array_to_string(list, separator)',
    why: 'other name',
  },
  { name: 'array_sort', parameters: ['list'] },
  { name: 'cardinality', parameters: ['list'], macro: 'len(list)', why: "DuckDB's takes maps only" },
  {
    name: 'contains',
    parameters: ['network VARCHAR', 'address VARCHAR'],
    macro: `(strpos(network, ':') > 0) = (strpos(address, ':') > 0)
      AND network_bits(string_split(network, '/')[1], network) = network_bits(address, network)`,
    why: 'contains(text, …) asks whether a network has an address, in DuckDB whether a text has another',
  },
  {
    name: 'contains',
    parameters: ['list', 'element'],
    macro: `CASE
      WHEN list_contains(list, element) THEN true
      WHEN list_position(list, NULL) IS NULL THEN list_contains(list, element) END`,
    why: "where the list has a NULL, Trino's is NULL instead of false",
  },
  {
    name: 'element_at',
    parameters: ['list', 'place'],
    macro: 'list_extract(list, place)',
    why: "DuckDB's takes maps only",
  },
  { name: 'flatten', parameters: ['lists'] },
  {
    name: 'slice',
    parameters: ['list', 'first', 'length'],
    macro: 'list_slice(list, first, first + length - 1)',
    why: "DuckDB's takes the last position instead of the length",
  },
];

/**
 * The types of CAST, TRY_CAST and literals, with what may be cast to them. Only NULL to whole numbers, because DuckDB
 * rounds halves to even (2.5 to 2) and reads '1.5', where Athena gives 3 and an error.
 *
 * Source: "Conversion functions" (Trino documentation).
 */
export const SHARED_TYPES: Readonly<Record<string, 'anything' | 'NULL only'>> = {
  bigint: 'NULL only',
  double: 'anything',
  ipaddress: 'anything',
  timestamp: 'anything',
  varchar: 'anything',
};

/**
 * What statements are made of besides functions, by the names of Trino's grammar: each means the same in both engines. No
 * lambda, since DuckDB writes it otherwise; no subquery but in FROM, which keeps a column's origin easy to see.
 *
 * Source: SqlBase.g4 (Trino), with the names that dt-sql-parser gives its rules.
 */
export const SHARED_SYNTAX: ReadonlySet<string> = new Set(
  `
  Program Statements SingleStatement StatementDefault CreateView ViewNameCreate RootQuery QueryStatement QueryNoWith
  With NamedQuery QueryTermDefault QueryPrimaryDefault QuerySpecification SetQuantifier
  SelectList SelectItem SelectAllWithoutTable SelectExpressionColumnName SelectLiteralColumnName
  RelationDefault SampledRelation PatternRecognition AliasedRelation ColumnAliases TableName TableOrViewName TableRef
  ExpressionSourceTable SubqueryRelation Unnest JoinRelation JoinType JoinCriteria
  WhereClause GroupBy SingleGroupingSet GroupingSet GroupingTerm HavingClause SortItem LimitRowCount RowCount
  Filter Over WindowSpecification PartitionBy
  Expression And Or LogicalNot Predicated Comparison ComparisonOperator Between DistinctFrom InList NullPredicate
  ValueExpressionDefault ArithmeticBinary Concatenation ParenthesizedExpression
  SimpleCase SearchedCase WhenClause Cast TypeConstructor GenericType DateTimeType ArrayConstructor
  FunctionCall FunctionName ColumnReference ColumnName ColumnRef Dereference
  QualifiedName QuotedIdentifier UnquotedIdentifier NonReserved
  NullLiteral BooleanLiteral BooleanValue StringLiteral BasicStringLiteral NumericLiteral IntegerLiteral DecimalLiteral
  `
    .trim()
    .split(/\s+/),
);
