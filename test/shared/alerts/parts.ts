import type { Part, Subject } from '../../../shared/alerts/situation.ts';
import type { Finding } from '../../../shared/findings/finding.ts';

/** Noon of a day on which everything here happens, Unix seconds. */
export const NOON = Date.UTC(2026, 10, 20, 12) / 1000;

/** What a finding says of rejected requests to an interface's PostgreSQL. */
export function part(changes: Partial<Omit<Part, 'subject'>> & { subject?: Partial<Subject> } = {}): Part {
  const { subject, ...rest } = changes;
  const flows = rest.flows ?? 1;
  const finding: Finding = {
    kind: 'REJECT',
    path: 'subnet-to-subnet',
    aws_account_id: '111122223333',
    aws_region: 'eu-west-1',
    flows,
    source: 's3://raw/object.log.gz',
  };
  return {
    subject: {
      ...{ kind: 'REJECT', meaning: 'internal-service-rejected', path: 'subnet-to-subnet' },
      ...{ accountId: '111122223333', region: 'eu-west-1', scope: { level: 'resource', id: 'eni-a' } },
      service: { protocol: 6, port: 5432 },
      ...subject,
    },
    ...{ severity: 'warning', flows, packets: flows, firstTime: NOON, lastTime: NOON + 60, finding },
    ...rest,
  };
}
