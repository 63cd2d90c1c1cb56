import type { Address } from './address-book.ts';
import { byText, known, plus } from './counting.ts';
import { addDistinct, clearDistinct, type Distinct, distinctCount, emptyDistinct } from './distinct.ts';
import type { TopDestination, TopSource } from './finding.ts';
import { COUNTED, type JudgedFlow, type ObjectFacts, TOP } from './judged-flow.ts';
import type { Place } from './path.ts';
import { createSpaceSaving } from './space-saving.ts';

interface Traffic {
  address: Address | undefined;
  inside: boolean | undefined;
  packets: number | undefined;
  bytes: number | undefined;
}

interface Asking extends Traffic {
  readonly serverPorts: Distinct;
  readonly destinations: Distinct;
}

/** Starts the list of the sources of most flows. Addresses are told apart by their hashes, which is much faster. */
export function createTopSources() {
  const sources = createSpaceSaving<Asking>(COUNTED, noAsking, clearAsking);

  return {
    add(judged: JudgedFlow): void {
      const { source, destination, destinationPort } = judged.flow;
      if (source === undefined) return;
      const asking = sources.add(source.hash);
      asking.address = source;
      addTraffic(asking, judged, judged.sourcePlace);
      // Replies and late packets go to as many ports as there are clients: they would make every busy server a scanner.
      if (!judged.asks) return;
      if (destination !== undefined) addDistinct(asking.destinations, destination.hash);
      if (destinationPort >= 0) addDistinct(asking.serverPorts, destinationPort);
    },

    top({ resourcesAsked }: ObjectFacts): TopSource[] {
      return sources
        .top(byAddress)
        .slice(0, TOP)
        .map(({ key, count, error, detail }) => {
          const resources = resourcesAsked(key);
          return known({
            address: detail.address!.text,
            inside: detail.inside,
            flows: count,
            packets: detail.packets,
            bytes: detail.bytes,
            error,
            server_ports: distinctCount(detail.serverPorts),
            destinations: distinctCount(detail.destinations),
            interfaces: resources === undefined ? undefined : distinctCount(resources),
          });
        });
    },
  };
}

/** Starts the list of the destinations of most flows. */
export function createTopDestinations() {
  const destinations = createSpaceSaving<Traffic>(COUNTED, noTraffic, clearTraffic);

  return {
    add(judged: JudgedFlow): void {
      const { destination } = judged.flow;
      if (destination === undefined) return;
      const traffic = destinations.add(destination.hash);
      traffic.address = destination;
      addTraffic(traffic, judged, judged.destinationPlace);
    },

    top(): TopDestination[] {
      return destinations
        .top(byAddress)
        .slice(0, TOP)
        .map(({ count, error, detail }) =>
          known({
            address: detail.address!.text,
            inside: detail.inside,
            flows: count,
            packets: detail.packets,
            bytes: detail.bytes,
            error,
          }),
        );
    },
  };
}

function noTraffic(): Traffic {
  return { address: undefined, inside: undefined, packets: undefined, bytes: undefined };
}

function clearTraffic(traffic: Traffic): void {
  traffic.inside = undefined;
  traffic.packets = undefined;
  traffic.bytes = undefined;
}

function noAsking(): Asking {
  return { ...noTraffic(), serverPorts: emptyDistinct(), destinations: emptyDistinct() };
}

function clearAsking(asking: Asking): void {
  clearTraffic(asking);
  clearDistinct(asking.serverPorts);
  clearDistinct(asking.destinations);
}

function addTraffic(traffic: Traffic, { packets, bytes }: JudgedFlow, place: Place): void {
  traffic.packets = plus(traffic.packets, packets);
  traffic.bytes = plus(traffic.bytes, bytes);
  if (place === 'unknown') return;
  traffic.inside = traffic.inside === true || place === 'inside' || place === 'on-premises';
}

function byAddress(a: { readonly detail: Traffic }, b: { readonly detail: Traffic }): number {
  return byText(a.detail.address!.text, b.detail.address!.text);
}
