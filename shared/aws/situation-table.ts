/**
 * The index of the table of situations and deliveries, over `waiting` and `id`. Sparse: only items that someone looks for
 * without knowing their keys have a `waiting`, which says what they are; the many others cost nothing.
 */
export const WAITING_INDEX = 'waiting';
