/**
 * What an object's key says about it. AWS's layouts, each with an optional prefix and an optional organization level:
 *
 *     AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/
 *         123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz
 *     AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/day=20/hour=16/…
 *
 * Source: "Flow log files" (Amazon VPC User Guide). Transit gateway flow logs use the same layouts.
 */
export interface SourceKeyFacts {
  /** Owner of the flow log: 12 digits. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly flowLogId: string | undefined;
  /** Start of the five minutes that the object is for, Unix seconds. */
  readonly stamp: number | undefined;
}

const ACCOUNT = /^\d{12}$/;
/** Partitions other than `aws` have longer or different names: `us-gov-west-1`, `cn-north-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;
const FOLDERS =
  /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]+\/)?(?:aws-account-id=)?(\d{12})\/([^/]+)\/(?:aws-region=)?([^/]+)\//;
const SERVICE = /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]+\/)?(?:aws-account-id=)?\d{12}\/([^/]+)/;
const FILE_NAME =
  /(?:^|\/)(\d{12})_vpcflowlogs_([a-z0-9-]+)_(fl-[0-9a-f]+)_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_[^/]*$/;

/** The start of AWS's file names as it is in the names of what is made of an object. */
const DELIVERER =
  /\/(\d{12})-vpcflowlogs-([a-z0-9-]+)-fl-[0-9a-f]+-(?:(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z-)?/;

/**
 * Who delivered the source object that a receipt is about, and for when (Unix seconds), by the receipt's key in the lake.
 * Undefined for files that don't have AWS's names.
 */
export function delivererOf(
  receiptKey: string,
): { accountId: string; region: string; stamp: number | undefined } | undefined {
  const [, accountId, region, ...stamp] = DELIVERER.exec(receiptKey) ?? [];
  if (accountId === undefined || region === undefined || !isRegion(region)) return undefined;
  return { accountId, region, stamp: stamp[0] === undefined ? undefined : parseStamp(stamp) };
}

/** What stands for an account or a Region that neither key nor record tells. */
export const UNKNOWN = 'unknown';

export function isAccountId(text: string): boolean {
  return ACCOUNT.test(text);
}

export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** The facts that a decoded object key carries. What is missing or malformed is undefined; no key is an error. */
export function parseSourceKey(key: string): SourceKeyFacts {
  const [, folderAccount, , folderRegion] = FOLDERS.exec(key) ?? [];
  const [, fileAccount, fileRegion, flowLogId, ...stamp] = FILE_NAME.exec(key) ?? [];
  return {
    accountId: folderAccount ?? fileAccount,
    region: [folderRegion, fileRegion].find((region) => region !== undefined && isRegion(region)),
    flowLogId,
    stamp: parseStamp(stamp),
  };
}

function parseStamp(parts: readonly string[]): number | undefined {
  const [year = Number.NaN, month = 0, day = 0, hour = 0, minute = 0] = parts.map(Number);
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute));
  // `Date.UTC` rolls over what is out of range; a stamp such as 20181340T9999Z is none.
  const isReal = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour;
  // `Date.UTC` takes the years 0 to 99 for those of the last century, and times count from 1970.
  return isReal && minute < 60 && year >= 1970 ? time.getTime() / 1000 : undefined;
}

/** Why an object is not for us, although it lies where flow logs lie. */
export type IgnoreReason = 'empty' | 'folder-marker' | 'other-service' | 'parquet';

/** Why an object is to be passed over, judged by its key and size, or undefined if it is to be read. */
export function ignoreReason(key: string, size: number): IgnoreReason | undefined {
  // Hadoop tools and consoles mark folders with empty objects of these names.
  if (key.endsWith('/') || key.endsWith('_$folder$')) return 'folder-marker';
  if (size === 0) return 'empty';
  const service = SERVICE.exec(key)?.[1]?.replace(/^(?:aws-)?service=/, '');
  // Some services also leave test files right below the account; a flow log object that lies there is still one.
  if (service !== undefined && service !== 'vpcflowlogs' && !FILE_NAME.test(key)) return 'other-service';
  if (key.endsWith('.parquet')) return 'parquet';
  return undefined;
}
