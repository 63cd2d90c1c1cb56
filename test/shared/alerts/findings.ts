import type { Finding, TopServerPort, TopSource } from '../../../shared/findings/finding.ts';
import { NOON } from './parts.ts';

/** Requests to an interface's PostgreSQL that were refused. */
export function finding(changes: Partial<Finding> = {}): Finding {
  const flows = changes.flows ?? 4;
  return {
    kind: 'REJECT',
    path: 'subnet-to-subnet',
    ...{ aws_account_id: '111122223333', aws_region: 'eu-west-1', vpc_id: 'vpc-1' },
    ...{ resource_type: 'interface', resource_id: 'eni-a' },
    ...{ first_time: NOON, last_time: NOON + 59, flows, packets: 2 * flows },
    refused_requests: flows,
    top_sources: [source({ flows })],
    top_destinations: [{ address: '10.0.2.7', inside: true, flows, error: 0 }],
    top_server_ports: [service({ refused_requests: flows })],
    source: 's3://raw/AWSLogs/x.log.gz',
    ...changes,
  };
}

export function source(changes: Partial<TopSource> = {}): TopSource {
  return {
    ...{ address: '10.0.1.5', inside: true, flows: 4, error: 0 },
    ...{ server_ports: '1', destinations: '1', interfaces: '1' },
    ...changes,
  };
}

export function service(changes: Partial<TopServerPort> = {}): TopServerPort {
  const requests = changes.refused_requests ?? 4;
  return {
    ...{ protocol: 6, port: 5432, side: 'own', rejected_flows: requests, error: 0 },
    ...{ accepted_flows: 0, refused_requests: requests, refused_replies: 0, late_packets: 0 },
    ...{ clients: '1', servers: '1', server: '10.0.2.7' },
    ...changes,
  };
}
