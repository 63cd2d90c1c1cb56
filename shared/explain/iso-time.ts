/** A time (Unix seconds) as people read it: ISO 8601 to the second, UTC. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
