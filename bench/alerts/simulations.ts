/** The simulations, their goals, and what came out. */
import { DEFAULT_POLICY, type Policy } from '../../shared/alerts/policy.ts';
import type { Arrival } from '../../shared/alerts/replay.ts';
import { type Backfill, backfill, NINETY_DAYS } from './backfill.ts';
import { DAY_OF_INCIDENTS, internetFacing, type Plan, SCANNER } from './internet-facing.ts';
import { judge, type Verdict } from './judge.ts';
import { manyAccounts, ORGANIZATION, type Organization } from './many-accounts.ts';
import { type Operation, operate } from './operation.ts';

export const SEED = 1;
/** A Monday. */
const START = Date.UTC(2026, 10, 16) / 1000;

/** An incident has to be told so many seconds after the first object that shows it. */
export const WITHIN = 300;

/** What people may expect of a simulation. */
export interface Goal {
  readonly messages?: number;
  readonly messagesOfAccount?: number;
  /** Of messages that are no digest, and not an account's first. */
  readonly atOnce?: number;
}

export interface Report {
  readonly simulation: Simulation;
  readonly goal: Goal;
  readonly days: number;
  readonly verdict: Verdict;
  readonly counts: Operation['counts'];
}

export interface Sizes {
  readonly day: Plan;
  readonly week: Plan;
  readonly organization: Organization;
  readonly backfill: Backfill;
}

export const FULL: Sizes = {
  day: DAY_OF_INCIDENTS,
  week: { hours: 7 * 24, closes: [640, 3000, 7000] },
  organization: ORGANIZATION,
  backfill: NINETY_DAYS,
};

/** What is simulated, for people who read the figures. */
export const SIMULATIONS = {
  scanner: {
    title: 'A day of an account, its own scanner ignored',
    what: '50 interfaces, 5,000 probes from the internet an hour, telemetry that is refused all day, three incidents. A rule of the policy ignores the address of the scanner that the security team runs for an hour and a half.',
  },
  day: {
    title: 'The same day, default policy',
    what: 'Nobody has said that the scanner is meant to scan: it is told of as the intruder that it looks like.',
  },
  dayOfDefaultFormat: {
    title: 'The same day, scanner ignored, in the default format',
    what: "AWS's default format has no TCP flags: late packets look like requests where their connections lie in an earlier object.",
  },
  week: { title: 'A week without incidents', what: 'The same account, where nothing is wrong.' },
  organization: {
    title: 'A day of 300 accounts',
    what: '1,000 interfaces, six incidents of which one is an account that falls silent. 28 accounts have telemetry that is refused all day.',
  },
  backfill: {
    title: '90 days of old objects, read in four hours',
    what: 'Four accounts, in which hosts swept each week.',
  },
} as const;
export type Simulation = keyof typeof SIMULATIONS;

const IGNORING_SCANNER: Policy = {
  ...DEFAULT_POLICY,
  ignore: [{ because: 'the security team scans from here', sources: [`${SCANNER}/32`] }],
};

/** Runs all simulations, one after the other. */
export async function* simulations(sizes: Sizes, seed = SEED): AsyncGenerator<Report> {
  const goal = { messages: 25 };
  const day = kept(operate(internetFacing(sizes.day, START, seed)));
  yield await report('scanner', goal, day, sizes.day, IGNORING_SCANNER);
  yield await report('day', goal, day, sizes.day, DEFAULT_POLICY);
  const plain = operate(internetFacing(sizes.day, START, seed), 'default');
  yield await report('dayOfDefaultFormat', goal, plain, sizes.day, IGNORING_SCANNER);

  const week = operate(internetFacing(sizes.week, START, seed));
  yield await report('week', { atOnce: 0 }, week, sizes.week, DEFAULT_POLICY);

  const { organization } = sizes;
  const { scene, deliveries } = manyAccounts(organization, START, seed);
  yield await report(
    'organization',
    { messages: 120 },
    operate(scene),
    organization,
    DEFAULT_POLICY,
    deliveries,
  );

  const old = backfill(sizes.backfill, START, seed);
  yield await report('backfill', { messagesOfAccount: 1 }, old, { hours: 24 }, DEFAULT_POLICY);
}

/** An operation whose arrivals can be read again. */
function kept(operation: Operation): Operation {
  const arrivals: readonly Arrival[] = [...operation.arrivals];
  return { ...operation, arrivals };
}

async function report(
  simulation: Simulation,
  goal: Goal,
  operation: Operation,
  { hours }: { readonly hours: number },
  policy: Policy,
  deliveries?: Parameters<typeof judge>[3],
): Promise<Report> {
  const verdict = await judge(operation.arrivals, operation, policy, deliveries);
  return { simulation, goal, days: hours / 24, verdict, counts: operation.counts };
}
