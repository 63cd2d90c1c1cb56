import ipaddr from 'ipaddr.js';
import * as z from 'zod/mini';
import { CONNECTION_PATHS, MEANINGS } from '../findings/finding.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import { ALERT_KINDS } from './situation.ts';

const CIDR = 'takes a network such as 10.9.0.0/24 or an address with its length such as 10.9.0.5/32';
const cidr = z.string(CIDR).check(z.refine(ipaddr.isValidCIDR, CIDR));
const meaning = z.enum([...MEANINGS, 'no-delivery', 'old-data']);
const treatment = z.enum(['at-once', 'digest', 'never']);
const number = (least: number, most: number) =>
  z.number().check(z.gte(least, `takes a number from ${least}`), z.lte(most, `takes at most ${most}`));
const whole = (least: number, most: number) => number(least, most).check(z.int('takes a whole number'));
const amount = whole(1, Number.MAX_SAFE_INTEGER);
const list = <T extends z.core.$ZodType>(items: T) =>
  z.array(items).check(z.minLength(1, 'takes at least one'));

const ignoreRule = z
  .strictObject({
    because: z.optional(z.string()),
    meanings: z.optional(list(meaning)),
    paths: z.optional(list(z.enum(CONNECTION_PATHS))),
    sources: z.optional(list(cidr)),
    destinations: z.optional(list(cidr)),
    ports: z.optional(list(whole(0, 65_535))),
    interfaces: z.optional(list(z.string())),
    accounts: z.optional(list(z.string().check(z.regex(/^\d{12}$/, 'takes 12 digits, in quotes')))),
  })
  .check(
    z.refine(
      ({ because: _, ...conditions }) => Object.keys(conditions).length > 0,
      'says nothing to ignore: give it meanings, paths, sources, destinations, ports, interfaces or accounts',
    ),
  );

const DAYS = 1440;

/** A policy as people write it. Everything can be left out. */
const policyConfig = z.strictObject({
  severities: z.optional(
    z.strictObject({
      info: z.optional(treatment),
      warning: z.optional(treatment),
      critical: z.optional(treatment),
    }),
  ),
  off: z.optional(z.array(z.union([z.enum(ALERT_KINDS), meaning], 'takes kinds and meanings'))),
  minimums: z.optional(
    z.partialRecord(
      z.enum(MEANINGS),
      z.strictObject({ flows: z.optional(amount), packets: z.optional(amount) }),
    ),
  ),
  ignore: z.optional(z.array(ignoreRule)),
  insideRanges: z.optional(z.array(cidr)),
  onPremisesRanges: z.optional(z.array(cidr)),
  quietMinutes: z.optional(number(5, 7 * DAYS)),
  growthFactor: z.optional(number(2, 1000)),
  stillOpenHours: z.optional(number(1, 24 * 30)),
  newsHours: z.optional(number(1, 48)),
  digestHours: z.optional(number(1, 24)),
  silenceMinutes: z.optional(number(30, DAYS)),
  messagesPerHour: z.optional(whole(1, 1000)),
  openingsPerHour: z.optional(whole(1, 1000)),
});

interface Setting {
  readonly name: keyof z.infer<typeof policyConfig>;
  /** In words. */
  readonly takes: string;
  /** What it is unless set. */
  readonly usual: unknown;
  readonly what: string;
}

const NETWORKS = 'networks';

/** Every setting, for people. */
export const POLICY_SETTINGS: readonly Setting[] = [
  {
    name: 'severities',
    takes: '`info`, `warning`, `critical`: `at-once`, `digest` or `never`',
    usual: { info: 'digest', warning: 'at-once', critical: 'at-once' },
    what: 'How people are told: in a message of its own, in a digest of many, not at all',
  },
  {
    name: 'off',
    takes: 'kinds and meanings',
    usual: [],
    what: 'Of these nobody is told, and nothing is counted',
  },
  {
    name: 'minimums',
    takes: 'meanings, each with `flows` and `packets`',
    usual: {},
    what: 'A situation is told once it has reached them',
  },
  {
    name: 'ignore',
    takes: 'rules, see below',
    usual: [],
    what: 'Traffic that is known and meant to be as it is',
  },
  {
    name: 'insideRanges',
    takes: NETWORKS,
    usual: [],
    what: 'Yours, although their addresses are public: who comes from there is inside',
  },
  {
    name: 'onPremisesRanges',
    takes: NETWORKS,
    usual: [],
    what: 'On your premises: offices with public addresses, private networks behind a VPN',
  },
  {
    name: 'quietMinutes',
    takes: '5 to 10,080',
    usual: 60,
    what: 'Without traffic for so long (by the times of the packets) a situation is over, in silence; what comes then is new',
  },
  {
    name: 'growthFactor',
    takes: '2 to 1,000',
    usual: 10,
    what: 'So many times as much as in the last message, and faster, is worth another one',
  },
  {
    name: 'stillOpenHours',
    takes: '1 to 720',
    usual: 24,
    what: 'After so long a message says that it goes on',
  },
  {
    name: 'newsHours',
    takes: '1 to 48',
    usual: 6,
    what: 'What is older is counted and not told; one message for each account says how much of it came',
  },
  { name: 'digestHours', takes: '1 to 24', usual: 6, what: 'How often there is a digest' },
  {
    name: 'silenceMinutes',
    takes: '30 to 1,440',
    usual: 60,
    what: 'An account and Region that delivered in 22 of 24 hours within the last week, and then nothing for so long, has fallen silent',
  },
  {
    name: 'messagesPerHour',
    takes: '1 to 1,000',
    usual: 20,
    what: 'Messages of their own in an hour; what is beyond goes into one digest at its end',
  },
  {
    name: 'openingsPerHour',
    takes: '1 to 1,000',
    usual: 20,
    what: 'So many situations of a meaning may open in a VPC in an hour; the others are one of the VPC, and beyond as many VPCs one of the account',
  },
];

/**
 * The policy that a configuration asks for; what it does not say is as in DEFAULT_POLICY.
 *
 * @throws Error that says of each setting what is wrong and what it takes
 */
export function parsePolicy(value: unknown): Policy {
  const parsed = policyConfig.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'it'}: ${problemOf(issue)}`,
    );
    throw new Error(
      `The alert policy is wrong. ${problems.join('; ')}. docs/alerts.md explains every setting.`,
    );
  }
  const { severities = {}, quietMinutes, growthFactor, stillOpenHours, newsHours, ...others } = parsed.data;
  const { digestHours, silenceMinutes, ...same } = others;
  return {
    ...DEFAULT_POLICY,
    ...(same as Partial<Policy>),
    severities: { ...DEFAULT_POLICY.severities, ...(severities as Partial<Policy['severities']>) },
    ...seconds('quietSeconds', quietMinutes, 60),
    ...(growthFactor !== undefined && { growth: growthFactor }),
    ...seconds('stillOpenSeconds', stillOpenHours, 3600),
    ...seconds('newsSeconds', newsHours, 3600),
    ...seconds('digestSeconds', digestHours, 3600),
    ...seconds('silenceSeconds', silenceMinutes, 60),
  };
}

function seconds<K extends keyof Policy>(key: K, value: number | undefined, unit: number) {
  return value === undefined ? {} : { [key]: value * unit };
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'settings by their names',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
};

/** The library's small build knows no sentences but ours. */
function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `knows no ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `takes one of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return `takes ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_key':
      return 'knows no such name';
    default:
      return issue.message;
  }
}
