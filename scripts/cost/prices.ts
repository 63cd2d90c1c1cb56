/**
 * What AWS charges, in US dollars, us-east-1, without free tiers, taxes and discounts. The one place for prices: change
 * them here, then `npm run cost -- --update`. What Athena charges for a scan is in athena/scan-cost.ts, which the command line uses,
 * too.
 *
 * AWS's price pages are made by scripts in the browser, so nothing here was read there. `basis` says how good a price is.
 */
import { PRICE_DATE, PRICE_REGION, scanCost } from '../../athena/scan-cost.ts';

/** How a price is known, the best first. */
export const BASES = {
  'price list': "AWS's price list or a bill, as someone else quotes it",
  copies: "several copies of AWS's price page that agree",
  'one copy': "a single copy of AWS's price page, or copies that do not all agree",
} as const;

export interface Price {
  /** US dollars for one `per`. */
  readonly usd: number;
  readonly per: string;
  readonly basis: keyof typeof BASES;
  /** Who says so, and as of when. */
  readonly source: string;
}

/** Prices that fall with the volume of a month: each up to so many units, the last one without end. */
export interface TieredPrice extends Omit<Price, 'usd'> {
  readonly tiers: readonly { readonly upTo: number; readonly usd: number }[];
}

export const REGION = PRICE_REGION;
export const DATE = PRICE_DATE;

const MILLION = 1_000_000;
const S3_LIST = "AWS Price List API, file of 2026-09-18, quoted in a public repository's storage guide";
const REQUEST_LIST = 'AWS Price List API, 2026-09-13, quoted in a public repository';
const CLOUDWATCH_PAGE = 'factualminds.com, 2026-06-13, and others';

export const PRICES = {
  lambdaGbSecond: {
    usd: 0.000_013_333_4,
    per: 'GB-second (arm64)',
    basis: 'price list',
    source: REQUEST_LIST,
  },
  lambdaRequest: { usd: 0.2 / MILLION, per: 'invocation', basis: 'price list', source: REQUEST_LIST },
  lambdaStorageGbSecond: {
    usd: 0.000_000_030_9,
    per: 'GB-second of /tmp beyond 512 MB',
    basis: 'price list',
    source: 'AWS Lambda price catalogue of us-east-2, 2026-08-21, quoted in a public repository',
  },
  s3Put: { usd: 0.005 / 1000, per: 'PUT, COPY, POST or LIST', basis: 'price list', source: S3_LIST },
  s3Get: { usd: 0.0004 / 1000, per: 'GET or HEAD', basis: 'price list', source: S3_LIST },
  s3Archive: {
    usd: 0.02 / 1000,
    per: 'move to Glacier Instant Retrieval',
    basis: 'one copy',
    source: 'a public repository that says it checked on 2026-08-18',
  },
  s3Standard: {
    tiers: [
      { upTo: 50_000, usd: 0.023 },
      { upTo: 500_000, usd: 0.022 },
      { upTo: Number.POSITIVE_INFINITY, usd: 0.021 },
    ],
    per: 'GB-month, S3 Standard',
    basis: 'price list',
    source: S3_LIST,
  },
  s3Instant: {
    usd: 0.004,
    per: 'GB-month, Glacier Instant Retrieval',
    basis: 'price list',
    source: S3_LIST,
  },
  sqsRequest: {
    usd: 0.4 / MILLION,
    per: 'request of 64 KB or less',
    basis: 'copies',
    source: 'cloudburn.io, March 2026; factualminds.com, June 2026',
  },
  snsPublish: { usd: 0.5 / MILLION, per: 'publication', basis: 'one copy', source: 'factualminds.com, 2026' },
  snsEmail: { usd: 2 / 100_000, per: 'e-mail', basis: 'one copy', source: 'factualminds.com, 2026' },
  dynamoDbWrite: {
    usd: 0.625 / MILLION,
    per: 'write request unit',
    basis: 'price list',
    source: REQUEST_LIST,
  },
  dynamoDbRead: { usd: 0.125 / MILLION, per: 'read request unit', basis: 'price list', source: REQUEST_LIST },
  logIngest: { usd: 0.5, per: "GB of the functions' logs", basis: 'copies', source: CLOUDWATCH_PAGE },
  logStorage: { usd: 0.03, per: 'GB-month of logs', basis: 'copies', source: CLOUDWATCH_PAGE },
  metric: { usd: 0.3, per: 'metric and month', basis: 'copies', source: CLOUDWATCH_PAGE },
  alarm: { usd: 0.1, per: 'alarm and month', basis: 'copies', source: CLOUDWATCH_PAGE },
  dashboard: { usd: 3, per: 'dashboard and month', basis: 'copies', source: CLOUDWATCH_PAGE },
  kmsKey: {
    usd: 1,
    per: 'key and month',
    basis: 'copies',
    source: 'cloudburn.io, March 2026; factualminds.com, June 2026',
  },
  kmsRequest: {
    usd: 0.03 / 10_000,
    per: 'request',
    basis: 'copies',
    source: 'cloudburn.io, March 2026; factualminds.com, June 2026',
  },
  gluePartition: {
    usd: 1 / 100_000,
    per: 'partition and month',
    basis: 'one copy',
    source: 'athena.guide, October 2020',
  },
  athenaTerabyte: {
    usd: scanCost(1e12),
    per: 'TB scanned, at least 10 MB a query',
    basis: 'copies',
    source: 'barkingiguana.com, July 2026; athena.guide',
  },
  delivery: {
    tiers: [
      { upTo: 10_000, usd: 0.25 },
      { upTo: 30_000, usd: 0.15 },
      { upTo: 50_000, usd: 0.075 },
      { upTo: Number.POSITIVE_INFINITY, usd: 0.05 },
    ],
    per: 'GB of flow log text delivered to S3',
    basis: 'one copy',
    source:
      'the first from a bill line of us-east-1 (USE1-S3-Egress-Bytes), the others from aws-samples/sample-cfm-tips-mcp; ' +
      'one copy for us-east-2 has 0.50, 0.25, 0.10 and 0.05. That text counts and not gzip is not confirmed',
  },
  parquet: {
    usd: 0.035,
    per: 'GB of flow log text converted to Parquet',
    basis: 'one copy',
    source: "AWS's price list of us-east-2, quoted in a public repository, 2026",
  },
} as const satisfies Readonly<Record<string, Price | TieredPrice>>;

/** US dollars for so many units of a month. */
export function tieredCost({ tiers }: Pick<TieredPrice, 'tiers'>, units: number): number {
  let usd = 0;
  let from = 0;
  for (const tier of tiers) {
    usd += Math.max(0, Math.min(units, tier.upTo) - from) * tier.usd;
    from = tier.upTo;
  }
  return usd;
}
