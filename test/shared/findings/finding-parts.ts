import type { Finding, TopDestination, TopServerPort, TopSource } from '../../../shared/findings/finding.ts';

/** A finding of 100 rejected flows, of which nothing else is known. */
export function finding(more: Partial<Finding> = {}): Finding {
  return {
    kind: 'REJECT',
    aws_account_id: '123456789010',
    aws_region: 'eu-west-1',
    flows: 100,
    source: 's3://raw/x',
    ...more,
  };
}

/** An own service that one client asked for in vain. */
export function port(more: Partial<TopServerPort> = {}): TopServerPort {
  return {
    protocol: 6,
    port: 443,
    side: 'own',
    rejected_flows: 100,
    error: 0,
    accepted_flows: 0,
    refused_requests: 100,
    refused_replies: 0,
    late_packets: 0,
    clients: '1',
    servers: '1',
    ...more,
  };
}

/** A source that asked once. */
export function source(more: Partial<TopSource> = {}): TopSource {
  return {
    address: '203.0.113.9',
    flows: 1,
    error: 0,
    server_ports: '1',
    destinations: '1',
    interfaces: '1',
    ...more,
  };
}

export function destination(address: string, flows = 1, error = 0): TopDestination {
  return { address, flows, error };
}
