/**
 * A question that was asked wrongly: an unknown query, a parameter that does not fit its type, a query file that breaks
 * the form. The message says what is wrong and what is accepted, and is shown to people as it is.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}
