import type { Address } from './address-book.ts';
import { SOURCE } from './connection.ts';
import { byKey, known } from './counting.ts';
import { addDistinct, clearDistinct, type Distinct, distinctCount, emptyDistinct } from './distinct.ts';
import type { ServiceSide, TopServerPort } from './finding.ts';
import { COUNTED, type JudgedFlow, type ObjectFacts, TOP } from './judged-flow.ts';
import { createSpaceSaving } from './space-saving.ts';

interface Service {
  requests: number;
  replies: number;
  late: number;
  readonly clients: Distinct;
  readonly servers: Distinct;
  server: Address | undefined;
}

/** Starts the list of the services that most flows belong to, by protocol, port and side. */
export function createTopServerPorts() {
  const services = createSpaceSaving<Service>(COUNTED, noService, clearService);

  return {
    add({ flow, serving, side, refusal }: JudgedFlow): void {
      const port = serving === SOURCE ? flow.sourcePort : flow.destinationPort;
      if (port < 0 || flow.protocol < 0) return;
      const service = services.add(keyOf(flow.protocol, port, side));
      if (refusal === 'request') service.requests++;
      else if (refusal === 'reply') service.replies++;
      else if (refusal === 'late') service.late++;
      const isReply = serving === SOURCE;
      const client = isReply ? flow.destination : flow.source;
      const server = isReply ? flow.source : flow.destination;
      if (client !== undefined) addDistinct(service.clients, client.hash);
      if (server === undefined) return;
      addDistinct(service.servers, server.hash);
      service.server ??= server;
    },

    top({ acceptedFlows }: ObjectFacts): TopServerPort[] {
      return services
        .top(byKey)
        .slice(0, TOP)
        .map(({ key, count, error, detail }) => {
          const { protocol, port, side } = partsOf(key);
          return known({
            protocol,
            port,
            side,
            rejected_flows: count,
            error,
            accepted_flows: acceptedFlows(protocol, port, side),
            refused_requests: detail.requests,
            refused_replies: detail.replies,
            late_packets: detail.late,
            clients: distinctCount(detail.clients),
            servers: distinctCount(detail.servers),
            server: detail.servers.size === 1 ? detail.server?.text : undefined,
          });
        });
    },
  };
}

function noService(): Service {
  return {
    requests: 0,
    replies: 0,
    late: 0,
    clients: emptyDistinct(),
    servers: emptyDistinct(),
    server: undefined,
  };
}

function clearService(service: Service): void {
  service.requests = 0;
  service.replies = 0;
  service.late = 0;
  clearDistinct(service.clients);
  clearDistinct(service.servers);
  service.server = undefined;
}

const SIDES: readonly ServiceSide[] = ['own', 'peer', 'unknown'];
const PORTS = 65_536;

/** Protocol, port and side as one number. A protocol has up to 31 bits, so it is arithmetic, not shifts. */
function keyOf(protocol: number, port: number, side: ServiceSide): number {
  return (protocol * PORTS + port) * SIDES.length + SIDES.indexOf(side);
}

function partsOf(key: number): { protocol: number; port: number; side: ServiceSide } {
  const protocolAndPort = Math.floor(key / SIDES.length);
  return {
    protocol: Math.floor(protocolAndPort / PORTS),
    port: protocolAndPort % PORTS,
    side: SIDES[key % SIDES.length]!,
  };
}
