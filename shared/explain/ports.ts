import { attemptsOf, connectionsOf } from './attempts.ts';
import type { Evidence, Question } from './observation.ts';
import { isRequest, type Sighting, sightingOf } from './sighting.ts';

/**
 * A question without a port as one for each port of the destination that the source asks in the window, so that what one
 * service answers says nothing of another. Ports with rejected or without accepted replies come first, then those with
 * most records. The question itself if it has a port, or if nobody asks any.
 */
export function questionsByPort(question: Question, { rows, logs }: Evidence): Question[] {
  if (question.port !== undefined) return [question];
  const attempts = connectionsOf(rows.flatMap((row) => sightingOf(row, question)))
    .flatMap((own) => attemptsOf(own, question, logs))
    .filter(({ opener, counted }) => opener !== 'destination' && counted.length > 0);
  const byPort = Map.groupBy(
    attempts.flatMap(({ counted }) => counted),
    ({ serverPort }) => serverPort,
  );
  byPort.delete(0);
  if (byPort.size === 0) return [question];
  return [...byPort]
    .map(([port, own]) => ({ port, isFine: isFine(own), records: own.length }))
    .sort((a, b) => Number(a.isFine) - Number(b.isFine) || b.records - a.records || a.port - b.port)
    .map(({ port }) => ({ ...question, port }));
}

function isFine(own: readonly Sighting[]): boolean {
  const isAccepted = ({ row }: Sighting): boolean => row.action === 'ACCEPT';
  return own.every(isAccepted) && own.some((each) => !isRequest(each));
}
