import type { Finding } from '../findings/finding.ts';
import type { AlertMessage, Notice } from './alert-message.ts';
import { type Alerting, takeFinding, takeSilences, tellWaiting } from './alerting.ts';
import type { Delivery } from './delivery-store.ts';
import { memorySituations } from './memory-situations.ts';
import { messageOf } from './message/message.ts';
import { partsOf } from './parts.ts';
import type { Policy } from './policy.ts';
import { silencesOf } from './silence.ts';

/** A finding as it came, or would have come, to the alert function. */
export interface Arrival {
  /** Equal for equal findings. */
  readonly id: string;
  readonly finding: Finding;
  /** Unix seconds. */
  readonly at: number;
}

/** How often the schedule looks at what waits. Seconds. */
const TICK = 300;

/** AWS delivers a flow log object 10 to 25 minutes after the packets. Seconds. */
export const DELIVERY_DELAY = 900;

/** A message as it would have been sent. */
export interface SentAlert {
  /** Unix seconds. */
  readonly at: number;
  readonly message: AlertMessage;
  readonly notices: readonly Notice[];
}

/**
 * What the alert functions do with findings, on a clock of its own: for a dry run, for a laptop, and for simulations.
 * Situations are kept in memory. The schedule runs on after the last finding until nothing waits.
 *
 * @param arrivals in the order of their times
 * @param deliveries what is known of deliveries at a time, where silence is to be told
 */
export async function* replay(
  arrivals: Iterable<Arrival> | AsyncIterable<Arrival>,
  policy: Policy,
  deliveries: (at: number) => readonly Delivery[] = () => [],
): AsyncGenerator<SentAlert> {
  let now = Number.NaN;
  let sent: SentAlert[] = [];
  const alerting: Alerting = {
    store: memorySituations().store,
    policy,
    now: () => now,
    async publish(notices) {
      sent.push({ at: now, notices, message: messageOf(notices, { now }) });
    },
  };

  async function* runUntil(time: number): AsyncGenerator<SentAlert> {
    for (let tick = nextTick(now); tick <= time; tick += TICK) {
      now = tick;
      await takeSilences(silencesOf(deliveries(now), policy, now), alerting);
      await tellWaiting(alerting);
      yield* take();
    }
  }

  function take(): readonly SentAlert[] {
    const taken = sent;
    sent = [];
    return taken;
  }

  for await (const { id, finding, at } of arrivals) {
    if (Number.isNaN(now)) now = at;
    yield* runUntil(at);
    now = Math.max(now, at);
    await takeFinding(id, partsOf(finding, policy, now), alerting);
    yield* take();
  }
  if (!Number.isNaN(now)) yield* runUntil(now + policy.digestSeconds + policy.quietSeconds);
}

function nextTick(time: number): number {
  return (Math.floor(time / TICK) + 1) * TICK;
}

/**
 * Findings of a lake in the order in which they would have come. Those without times come with the others of their object.
 *
 * @param findings of whole objects, each with what tells it apart
 */
export function arrivalsOf(
  findings: readonly { readonly id: string; readonly finding: Finding }[],
): Arrival[] {
  const latest = new Map<string, number>();
  for (const { finding } of findings) {
    const last = finding.last_time ?? finding.first_time ?? 0;
    latest.set(finding.source, Math.max(latest.get(finding.source) ?? 0, last));
  }
  return findings
    .map((each) => ({ ...each, at: latest.get(each.finding.source)! + DELIVERY_DELAY }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}
