import type { Finding } from './finding.ts';

/** A message to people who watch traffic. */
export interface Alert {
  /** One line, at most 99 printable ASCII characters: what e-mail and SNS allow. */
  readonly subject: string;
  readonly message: string;
  /** What subscriptions can filter by. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where alerts go: an SNS topic. */
export interface AlertPublisher {
  /** Publishes all of them, or throws; then some may have gone out. */
  publish(alerts: readonly Alert[]): Promise<void>;
}

const MAX_SUBJECT = 99;
const MAX_ATTRIBUTE = 256;

/** What is older is history: logs that were copied or replayed must not wake anybody. Seconds. */
const MAX_AGE = 6 * 3600;

/** Whether a finding is recent enough to alert about. `now`: Unix seconds. */
export function isRecent({ last_time: lastTime, first_time: firstTime }: Finding, now: number): boolean {
  const time = lastTime ?? firstTime;
  // A format without times says nothing about age; its object was just delivered.
  return time === undefined || now - time <= MAX_AGE;
}

/** The alert about one finding; its message is the finding itself as JSON. */
export function alertOf(finding: Finding): Alert {
  const { kind, path, cause, aws_account_id: accountId, aws_region: region, resource_id: resource } = finding;
  const where = resource ?? 'several resources';
  const what = [kind, path ?? cause].filter((word) => word !== undefined).join(' ');
  return {
    subject: printable(`${what}: ${finding.flows} flows at ${where} in ${accountId} ${region}`, MAX_SUBJECT),
    message: JSON.stringify(finding),
    attributes: {
      kind,
      ...(path === undefined ? {} : { path }),
      ...(cause === undefined ? {} : { cause }),
      aws_account_id: accountId,
      aws_region: region,
      ...(resource === undefined ? {} : { resource_id: printable(resource, MAX_ATTRIBUTE) }),
    },
  };
}

/** Ids come from log lines, which can hold anything; SNS refuses a message for it. */
function printable(text: string, maxLength: number): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, maxLength);
}
