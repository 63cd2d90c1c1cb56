/**
 * The directed flows that were accepted, as fingerprints: bounded evidence for whether a refused flow, or its opposite
 * direction, was accepted by the same resource. A newer flow replaces an older one in the same place, so in huge objects
 * the answer may be a wrong no. For a wrong yes two flows need the same 17 bits of one hash and 32 bits of another.
 */
export interface AcceptedFlows {
  /** Notes a flow; addresses as hashes. For every accepted record: no allocation. */
  add(
    resource: number,
    source: number,
    destination: number,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
  ): void;
  /** Whether the flow was noted and is still known. */
  has(
    resource: number,
    source: number,
    destination: number,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
  ): boolean;
}

/** 512 kB: more would not stay in the processor's cache, and every accepted flow touches a place at random. */
const PLACES = 1 << 17;

/** Starts to note accepted flows. */
export function createAcceptedFlows(): AcceptedFlows {
  const fingerprints = new Int32Array(PLACES);

  return {
    add(resource, source, destination, sourcePort, destinationPort, protocol) {
      const ports = (sourcePort << 16) ^ destinationPort;
      const origin = (resource << 8) ^ protocol;
      fingerprints[placeOf(source, destination, ports, origin)] = fingerprint(
        source,
        destination,
        ports,
        origin,
      );
    },
    has(resource, source, destination, sourcePort, destinationPort, protocol) {
      const ports = (sourcePort << 16) ^ destinationPort;
      const origin = (resource << 8) ^ protocol;
      return (
        fingerprints[placeOf(source, destination, ports, origin)] ===
        fingerprint(source, destination, ports, origin)
      );
    },
  };
}

function placeOf(source: number, destination: number, ports: number, origin: number): number {
  let hash =
    Math.imul(source, 0x9e3779b1) +
    Math.imul(destination, 0xc2b2ae3d) +
    Math.imul(ports, 0x27d4eb2f) +
    Math.imul(origin, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & (PLACES - 1);
}

/** Another hash of the same; never 0, which marks a free place. */
function fingerprint(source: number, destination: number, ports: number, origin: number): number {
  let hash =
    Math.imul(source, 0xcc9e2d51) +
    Math.imul(destination, 0x1b873593) +
    Math.imul(ports, 0xe6546b64 | 1) +
    Math.imul(origin, 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  hash ^= hash >>> 16;
  return hash === 0 ? 1 : hash;
}
