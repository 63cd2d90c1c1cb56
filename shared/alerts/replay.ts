import { byText } from '../findings/counting.ts';
import type { FindingWithId } from '../findings/parse-findings.ts';
import type { AlertMessage, Notice } from './alert-message.ts';
import { type Alerting, takeObject, takeSilences, tellWaiting } from './alerting.ts';
import type { Delivery } from './delivery-store.ts';
import { memorySituations } from './memory-situations.ts';
import { messageOf } from './message/message.ts';
import { timeOf } from './parts.ts';
import type { Policy } from './policy.ts';
import { silencesOf } from './silence.ts';

/** A finding as it came, or would have come, to the alert function. */
export interface Arrival extends FindingWithId {
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

  for await (const { at, findings } of objectsOf(arrivals)) {
    if (Number.isNaN(now)) now = at;
    yield* runUntil(at);
    now = Math.max(now, at);
    await takeObject(findings, alerting);
    yield* take();
  }
  if (!Number.isNaN(now)) yield* runUntil(now + policy.digestSeconds + policy.quietSeconds);
}

function nextTick(time: number): number {
  return (Math.floor(time / TICK) + 1) * TICK;
}

/** What came at the same time of the same object, together. */
async function* objectsOf(
  arrivals: Iterable<Arrival> | AsyncIterable<Arrival>,
): AsyncGenerator<{ at: number; findings: readonly Arrival[] }> {
  let findings: Arrival[] = [];
  for await (const arrival of arrivals) {
    const [first] = findings;
    if (first !== undefined && (first.at !== arrival.at || first.finding.source !== arrival.finding.source)) {
      yield { at: first.at, findings };
      findings = [];
    }
    findings.push(arrival);
  }
  if (findings.length > 0) yield { at: findings[0]!.at, findings };
}

/**
 * Findings of whole objects in the order in which they would have come: all of an object with the latest of them. Those
 * without any time come with the day that their object is filed under.
 *
 * @param findings each with the key of its object in `findings/` at the beginning of its id
 */
export function arrivalsOf(findings: readonly FindingWithId[]): Arrival[] {
  const latest = new Map<string, number>();
  for (const { id, finding } of findings) {
    const time = timeOf(finding) ?? dayOf(id);
    latest.set(finding.source, Math.max(latest.get(finding.source) ?? 0, time));
  }
  return findings
    .map((each) => ({ ...each, at: latest.get(each.finding.source)! + DELIVERY_DELAY }))
    .sort((a, b) => a.at - b.at || byText(a.finding.source, b.finding.source));
}

/** Unix seconds. */
function dayOf(id: string): number {
  const [, day] = /\bday=(\d{4}-\d{2}-\d{2})\//.exec(id) ?? [];
  const time = Date.parse(day ?? '');
  return Number.isNaN(time) ? 0 : time / 1000;
}
