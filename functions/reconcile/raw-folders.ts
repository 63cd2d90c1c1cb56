import type { BucketListing, ListedObject } from '../../shared/aws/s3-listing.ts';

/** Where AWS delivers the flow logs of one account and Region, with a folder for each day. */
export interface RegionFolder {
  readonly folder: string;
  readonly isHive: boolean;
}

/** Where objects for ingest may lie. */
export interface RawFolders {
  readonly regions: readonly RegionFolder[];
  /** Folders without AWS's layout. */
  readonly others: readonly string[];
}

const ACCOUNT = /^(?:aws-account-id=)?\d{12}$/;
const ORGANIZATION = /^o-[a-z0-9]+$/;
/** How deep below the prefix `AWSLogs/` is looked for, and in how many folders at most. */
const MAX_DEPTH = 3;
const MAX_SEARCHED = 500;
const SERVICE = /^(?:(?:aws-)?service=)?vpcflowlogs$/;

/**
 * Finds the folders of flow logs below a prefix, level by level. Of other services that deliver to the same bucket
 * nothing but the name of the folder is read. The layouts: `shared/lake/source-key.ts`.
 *
 * @param onLoose is told of objects that lie between the folders, and the folder that they lie in.
 */
export async function findRawFolders(
  raw: BucketListing,
  prefix: string,
  onLoose: (object: ListedObject, folder: string) => void,
): Promise<RawFolders> {
  const regions: RegionFolder[] = [];
  const others: string[] = [];
  let searched = 0;

  async function walk(folder: string, visit: (name: string, folder: string) => Promise<void> | void) {
    for await (const entry of raw.level(folder)) {
      if (typeof entry === 'string') await visit(entry.slice(folder.length, -1), entry);
      else onLoose(entry, folder);
    }
  }

  await searchAwsLogs(prefix, 0);
  return { regions, others };

  /**
   * Looks for `AWSLogs/` in a folder and, some levels deep, below it: deliveries to one bucket may have prefixes of their
   * own. What has none below it is left to the caller as a whole.
   */
  async function searchAwsLogs(folder: string, depth: number): Promise<boolean> {
    const loose: ListedObject[] = [];
    const without: string[] = [];
    let isFound = false;
    for await (const entry of raw.level(folder)) {
      if (typeof entry !== 'string') loose.push(entry);
      else if (entry.endsWith('/AWSLogs/') || entry === 'AWSLogs/') {
        isFound = true;
        await walk(entry, visitAccount);
      } else if (depth < MAX_DEPTH && searched++ < MAX_SEARCHED && (await searchAwsLogs(entry, depth + 1))) {
        isFound = true;
      } else without.push(entry);
    }
    if (!isFound && depth > 0) return false;
    others.push(...without);
    for (const object of loose) onLoose(object, folder);
    return true;
  }

  async function visitAccount(name: string, account: string): Promise<void> {
    if (ORGANIZATION.test(name)) return walk(account, visitAccount);
    if (!ACCOUNT.test(name)) {
      others.push(account);
      return;
    }
    await walk(account, async (service, logs) => {
      if (!SERVICE.test(service)) return;
      await walk(logs, (region, folder) => {
        regions.push({ folder, isHive: region.startsWith('aws-region=') });
      });
    });
  }
}

/** Where the objects of a UTC day lie, also those in folders of its hours. */
export function dayFolder({ folder, isHive }: RegionFolder, day: string): string {
  const [year, month, date] = day.split('-');
  return isHive ? `${folder}year=${year}/month=${month}/day=${date}/` : `${folder}${year}/${month}/${date}/`;
}
