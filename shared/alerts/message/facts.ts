import { isIP } from 'node:net';
import type { Finding, TopServerPort } from '../../findings/finding.ts';
import { type Signal, signalsOf } from '../../findings/meaning.ts';
import type { Notice } from '../alert-message.ts';
import type { Situation, Span, Subject } from '../situation.ts';

/** What a notice is about, as the texts, commands and SQL need it. Values are as the log has them: they can be anything. */
export interface Facts {
  readonly notice: Notice;
  readonly situation: Situation;
  readonly subject: Subject;
  /** Empty where no finding told it. */
  readonly finding: Partial<Finding>;
  /** What the finding says of this subject. */
  readonly signals: readonly Signal[];
  /** The service it is about, with the finding's numbers. */
  readonly port?: TopServerPort;
  /** Whether everything in the finding is about this subject. */
  readonly isAllOfIt: boolean;
  /** Who asked whom, if that is sure. */
  readonly ends?: Ends;
  /** When the ends and ports of the finding were seen. */
  readonly window: Span;
  /** When to look for all of it: since it began, a day at most; of old data its own time; of silence the day before, too. */
  readonly wholeWindow: Span;
}

export interface Ends {
  readonly client: string;
  readonly server: string;
  readonly protocol: number;
  readonly port: number;
}

export function factsOf(notice: Notice): Facts {
  const { situation } = notice;
  const { subject } = situation;
  const finding: Partial<Finding> = situation.evidence ?? {};
  const signals =
    situation.evidence === undefined
      ? []
      : signalsOf(situation.evidence).filter((signal) => isAbout(signal, subject));
  const port = portOf(subject, signals, finding);
  const isAllOfIt = sumOf(signals) >= (finding.flows ?? 0);
  return {
    ...{ notice, situation, subject, finding, signals, isAllOfIt },
    ...(port && { port }),
    ...(port && endsOf(port, finding)),
    window: windowOf(situation.evidence) ?? wholeWindowOf(situation),
    wholeWindow: wholeWindowOf(situation),
  };
}

/** How many flows the signals are about, if they are about different ones. */
export function sumOf(signals: readonly Signal[]): number {
  return signals.reduce((sum, { flows }) => sum + flows, 0);
}

const DAY = 86_400;

function windowOf(finding: Finding | undefined): Span | undefined {
  const from = finding?.first_time ?? finding?.last_time;
  return from === undefined ? undefined : { from, until: finding?.last_time ?? from };
}

function wholeWindowOf({ subject, covers, episode, lastTime }: Situation): Span {
  if (covers !== undefined) return covers;
  if (subject.kind === 'NO_DELIVERY') return { from: episode.start - DAY, until: lastTime };
  return { from: Math.max(episode.start, lastTime - DAY), until: lastTime };
}

function isAbout({ meaning, service }: Signal, subject: Subject): boolean {
  if (meaning !== subject.meaning) return false;
  const asked = subject.service;
  return (
    asked === undefined ||
    (service?.protocol === asked.protocol &&
      service.port === asked.port &&
      (asked.server === undefined || service.server === asked.server))
  );
}

/** The port of the subject's service; else the only one there is. */
function portOf(
  { service }: Subject,
  signals: readonly Signal[],
  { top_server_ports: ports = [], flows = 0 }: Partial<Finding>,
): TopServerPort | undefined {
  if (service !== undefined) return signals.find((signal) => signal.service !== undefined)?.service;
  const [first] = ports;
  return first !== undefined && first.error === 0 && first.rejected_flows >= flows ? first : undefined;
}

/**
 * Who asked whom: only if all of the finding is about the port, and all of it requests or all of it replies. Of several
 * clients it is the one with most flows.
 */
function endsOf(
  { protocol, port, server, rejected_flows: rejected, error }: TopServerPort,
  finding: Partial<Finding>,
): { ends?: Ends } {
  const { flows = 0, kind, top_sources: [source] = [], top_destinations: [destination] = [] } = finding;
  if (error > 0 || rejected < flows) return {};
  const replies = kind === 'PACKET_LOSS' ? finding.reply_like : finding.refused_replies;
  const requests = kind === 'PACKET_LOSS' ? flows - (replies ?? 0) : finding.refused_requests;
  const client = requests === flows ? source : replies === flows ? destination : undefined;
  if (client === undefined || client.error > 0 || server === undefined) return {};
  if (isIP(client.address) === 0 || isIP(server) === 0) return {};
  return { ends: { client: client.address, server, protocol, port } };
}
