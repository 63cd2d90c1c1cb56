/** An organization of many small accounts, in which a few things go wrong. */
import type { Conversation } from '../../generator/conversation.ts';
import { createRandom, type Random } from '../../generator/random.ts';
import type { FlowRecord } from '../../generator/records.ts';
import { attempt, type Gap, intervalStart } from '../../generator/scenario.ts';
import { clientPort } from '../../generator/volumes.ts';
import { endpointOf, type NetworkInterface, type SecurityGroup } from '../../generator/world.ts';
import type { Delivery } from '../../shared/alerts/delivery-store.ts';
import { DEFAULT_POLICY } from '../../shared/alerts/policy.ts';
import type { Subject } from '../../shared/alerts/situation.ts';
import { delayOf } from './operation.ts';
import type { Condition, Place, Scene } from './scene.ts';
import {
  CLOSED,
  NO_EGRESS,
  type Rates,
  type SmallAccount,
  smallAccount,
  trafficOf,
} from './small-account.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const SLOT = 300;

/** An ordinary account of the organization, and the one whose public service is going to go dark. */
const ORDINARY: Rates = { probes: 200, visits: 30, queries: 30, calls: 15 };
const VISITED: Rates = { ...ORDINARY, visits: 600 };
/** Of the small accounts every so manieth has something that is refused all day. */
const STANDING = 10;
/** AWS loses so many of the interfaces' intervals. */
const LOSS_RATE = 0.0002;

export interface Organization {
  readonly hours: number;
  readonly accounts: number;
  /** So many of the accounts have 14 interfaces; the others two or three. */
  readonly large: number;
  /** Of all accounts together. */
  readonly interfaces: number;
  /** Minutes from the start at which things happen. */
  readonly incidents: {
    readonly internal: number;
    readonly public: number;
    readonly sweep: number;
    readonly reply: number;
    readonly egress: number;
    readonly silence: number;
  };
}

export const ORGANIZATION: Organization = {
  hours: 24,
  accounts: 300,
  large: 20,
  interfaces: 1000,
  incidents: { reply: 190, internal: 425, egress: 605, silence: 720, public: 870, sweep: 1115 },
};

const LARGE = 14;

/** The organization at work from a time (Unix seconds) on, and what is known of its deliveries at a time. */
export function manyAccounts(organization: Organization, start: number, seed: number) {
  const { hours, incidents } = organization;
  const random = createRandom(seed, 'many-accounts');
  const accounts = sizesOf(organization).map((size, index) => smallAccount(index, size));
  const at = (minutes: number) => start + minutes * MINUTE;
  const large = accounts.slice(0, organization.large);
  if (large.length < 4) throw new RangeError('The incidents need four large accounts.');
  const [first, second, third, fourth] = large as [SmallAccount, SmallAccount, SmallAccount, SmallAccount];
  const small = accounts.slice(organization.large).filter((_, index) => index % STANDING !== 0);
  const silent = small.at(-1)!;
  const lonely = small[0]!;

  const trouble = new Map<SmallAccount, Trouble>([
    [first, serviceGoesDark(first, at(incidents.internal))],
    [second, publicServiceGoesDark(second, at(incidents.public))],
    [third, hostSweeps(third, at(incidents.sweep), random)],
    [fourth, repliesAreRefused(fourth, at(incidents.reply), random)],
    [lonely, egressIsRefused(lonely, at(incidents.egress), at(hours * 60), random)],
    [silent, fallsSilent(silent, at(incidents.silence))],
  ]);
  const standing = accounts.slice(organization.large).filter((_, index) => index % STANDING === 0);
  for (const account of standing) trouble.set(account, telemetryIsRefused(account, start, hours, random));

  const places = accounts.map((account): Place => {
    const own = random.fork(account.id);
    const { planned = [], condition, silentFrom, change } = trouble.get(account) ?? {};
    const traffic = trafficOf(account, account === second ? VISITED : ORDINARY, start, own);
    const minutes = Map.groupBy(planned, (each) => Math.floor(each.start / MINUTE));
    return {
      world: account.world,
      vpcs: [account.vpc],
      changes: change === undefined ? [] : [change],
      gaps: losses(account, start, hours, own),
      conditions: condition === undefined ? [] : [condition],
      ...(silentFrom !== undefined && { silentFrom }),
      *conversations(minute) {
        yield* traffic(minute, MINUTE);
        yield* minutes.get(minute / MINUTE) ?? [];
      },
    };
  });
  const scene: Scene = { start, hours, places };
  return { scene, deliveries: (now: number) => places.map((place) => deliveryOf(place, start, now)) };
}

/** Sizes of the accounts, the large ones first. */
function sizesOf({ accounts, large, interfaces }: Organization): number[] {
  const others = accounts - large;
  const left = interfaces - large * LARGE;
  const three = left - 2 * others;
  if (three < 0 || three > others) throw new RangeError('Other accounts have two or three interfaces.');
  return Array.from({ length: accounts }, (_, index) =>
    index < large ? LARGE : index - large < three ? 3 : 2,
  );
}

/** What happens in an account beside its ordinary traffic. */
interface Trouble {
  readonly condition?: Condition;
  readonly planned?: readonly Conversation[];
  readonly change?: NonNullable<Place['changes']>[number];
  readonly silentFrom?: number;
}

function incident(
  name: string,
  { id }: SmallAccount,
  period: { from: number; until: number },
  shows: NonNullable<Condition['shows']>,
  isNamedBy: (subject: Subject) => boolean,
): Condition {
  return {
    ...{ name, is: 'incident', shows, ...period },
    isNamedBy: (subject) => subject.accountId === id && isNamedBy(subject),
  };
}

function serviceGoesDark(account: SmallAccount, from: number): Trouble {
  const server = account.databases[0]!;
  const change = changeOf(server, CLOSED, from, 60);
  const condition = incident(
    'an internal service goes dark',
    account,
    change,
    (record) => isRefused(record, server, 5432),
    ({ meaning, scope, service }) =>
      meaning === 'internal-service-rejected' && scope.id === server.id && service?.port === 5432,
  );
  return { change, condition };
}

function publicServiceGoesDark(account: SmallAccount, from: number): Trouble {
  const server = account.webs[0]!;
  const change = changeOf(server, CLOSED, from, 30);
  const condition = incident(
    'a public service goes dark',
    account,
    change,
    (record) => isRefused(record, server, 443) && record.start >= from && record.start < change.until,
    ({ meaning, scope, service }) =>
      meaning === 'public-service-rejected' && scope.id === server.id && service?.port === 443,
  );
  return { change, condition };
}

function hostSweeps(account: SmallAccount, from: number, random: Random): Trouble {
  const host = account.apps[0]!;
  const targets = account.world.interfaces.filter((each) => each !== host);
  const planned = targets.flatMap((target, index) =>
    [445, 3389].map((port) =>
      attempt(endpointOf(host), endpointOf(target), [clientPort(random), port], from + index * 5, 2),
    ),
  );
  const condition = incident(
    'an inside host sweeps',
    account,
    { from, until: from + 15 * MINUTE },
    ({ sighting }) => sighting.srcaddr === host.address && sighting.dstport === 445,
    ({ meaning }) => meaning === 'host-sweep',
  );
  return { planned, condition };
}

function repliesAreRefused(account: SmallAccount, from: number, random: Random): Trouble {
  const [server, client] = [account.reports!, account.apps[1]!];
  const planned = every(30, 60, from, (time) =>
    attempt(endpointOf(client), endpointOf(server), [clientPort(random), 8443], time, 4),
  );
  const condition = incident(
    'a network ACL refuses replies',
    account,
    { from, until: from + HOUR },
    ({ sighting }) => sighting.observer === server && sighting.srcport === 8443,
    ({ meaning, scope }) => meaning === 'reply-rejected' && scope.id === server.id,
  );
  return { planned, condition };
}

function egressIsRefused(account: SmallAccount, from: number, until: number, random: Random): Trouble {
  const client = account.apps[0]!;
  const change = { interface: client, securityGroup: NO_EGRESS, from, until };
  const planned = every(30, 40, from, (time) =>
    attempt(endpointOf(client), { address: '54.93.12.34' }, [clientPort(random), 443], time, 4),
  );
  const condition = incident(
    'an app is kept from the internet',
    account,
    change,
    (record) => isRefused(record, client, 443) && record.sighting.direction === 'egress',
    ({ meaning, service }) => meaning === 'blocked-egress' && service?.port === 443,
  );
  return { planned, change, condition };
}

function fallsSilent({ id, vpc }: SmallAccount, from: number): Trouble {
  const condition: Condition = {
    name: 'an account falls silent',
    is: 'incident',
    from,
    until: from + DAY,
    // The last object is that of the five minutes before.
    tellableFrom: from + delayOf(vpc) + DEFAULT_POLICY.silenceSeconds,
    isNamedBy: ({ kind, accountId }) => kind === 'NO_DELIVERY' && accountId === id,
  };
  return { condition, silentFrom: from };
}

function telemetryIsRefused(account: SmallAccount, start: number, hours: number, random: Random): Trouble {
  const app = account.apps[0]!;
  const offset = random.integer(0, 59);
  const condition: Condition = {
    name: 'telemetry that is refused all day',
    is: 'standing',
    from: start,
    until: start + hours * HOUR,
    isNamedBy: ({ meaning, accountId, service }) =>
      meaning === 'blocked-egress' && accountId === account.id && service?.port === 4317,
  };
  const planned = every(60, hours * 60, start + offset, (time) =>
    attempt(endpointOf(app), { address: '34.117.9.21' }, [clientPort(random), 4317], time, 3),
  );
  return { planned, condition };
}

function every(seconds: number, count: number, from: number, make: (time: number) => Conversation) {
  return Array.from({ length: count }, (_, index) => make(from + index * seconds));
}

function changeOf(server: NetworkInterface, securityGroup: SecurityGroup, from: number, minutes: number) {
  return { interface: server, securityGroup, from, until: from + minutes * MINUTE };
}

function isRefused({ sighting }: FlowRecord, observer: NetworkInterface, port: number): boolean {
  return sighting.observer === observer && sighting.dstport === port;
}

function losses({ world }: SmallAccount, start: number, hours: number, random: Random): Gap[] {
  return world.interfaces.flatMap((observer) =>
    Array.from({ length: hours * 60 - 1 }, (_, minute) => minute)
      .filter(() => random.chance(LOSS_RATE))
      .map((minute) => ({ observer, start: intervalStart(observer, start, minute) })),
  );
}

/**
 * When the objects of a place were delivered, as the pipeline knows it at a time. They came the day before as well, and go on
 * coming after the simulated hours: a simulation's end is no silence.
 */
function deliveryOf({ vpcs, silentFrom }: Place, start: number, now: number): Delivery {
  const { accountId, region } = vpcs[0]!;
  const delay = SLOT + delayOf(vpcs[0]!);
  const end = Math.min(now, silentFrom === undefined ? now : silentFrom - SLOT + delay);
  const last = Math.floor((end - delay) / SLOT) * SLOT + delay;
  const [from, until] = [Math.floor((start - DAY) / HOUR), Math.floor(last / HOUR)];
  const hours = Array.from({ length: Math.max(0, until - from + 1) }, (_, index) => from + index);
  return { accountId, region, last, hours: hours.slice(-48) };
}
