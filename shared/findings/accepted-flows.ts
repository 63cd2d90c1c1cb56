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
/** Most objects are small: so many flows are noted by place in a small table, before the whole one is made. */
const MOST_SPARSE = 1024;
const SPARSE_SLOTS = MOST_SPARSE * 2;
const SLOT_WORDS = 2;
const NOTHING = new Int32Array(0);

/** Starts to note accepted flows. */
export function createAcceptedFlows(): AcceptedFlows {
  /** By place; empty while there are few, then it is `sparse` that holds them. What is known is the same in both. */
  let fingerprints = NOTHING;
  /** Pairs of a place and its fingerprint, which is 0 in free slots, in a hash table with linear probing. */
  let sparse = NOTHING;
  let sparseFlows = 0;

  function addSparse(place: number, print: number): void {
    if (sparse.length === 0) sparse = new Int32Array(SPARSE_SLOTS * SLOT_WORDS);
    const slot = slotOf(sparse, place);
    if (sparse[slot + 1] === 0) sparseFlows++;
    sparse[slot] = place;
    sparse[slot + 1] = print;
    if (sparseFlows === MOST_SPARSE) makeWhole();
  }

  function makeWhole(): void {
    fingerprints = new Int32Array(PLACES);
    for (let slot = 0; slot < sparse.length; slot += SLOT_WORDS) {
      if (sparse[slot + 1] !== 0) fingerprints[sparse[slot]!] = sparse[slot + 1]!;
    }
    sparse = NOTHING;
  }

  /** The fingerprint at a place; 0 if there is none. */
  function at(place: number): number {
    if (fingerprints.length > 0) return fingerprints[place]!;
    return sparse.length === 0 ? 0 : sparse[slotOf(sparse, place) + 1]!;
  }

  return {
    add(resource, source, destination, sourcePort, destinationPort, protocol) {
      const ports = (sourcePort << 16) ^ destinationPort;
      const origin = (resource << 8) ^ protocol;
      const place = placeOf(source, destination, ports, origin);
      const print = fingerprint(source, destination, ports, origin);
      if (fingerprints.length > 0) fingerprints[place] = print;
      else addSparse(place, print);
    },
    has(resource, source, destination, sourcePort, destinationPort, protocol) {
      const ports = (sourcePort << 16) ^ destinationPort;
      const origin = (resource << 8) ^ protocol;
      return (
        at(placeOf(source, destination, ports, origin)) === fingerprint(source, destination, ports, origin)
      );
    },
  };
}

/** Where the slot of a place begins, or the free slot where it belongs. Places are hashes already. */
function slotOf(sparse: Int32Array, place: number): number {
  let slot = (place * SLOT_WORDS) & (sparse.length - 1);
  while (sparse[slot + 1] !== 0 && sparse[slot] !== place) slot = (slot + SLOT_WORDS) & (sparse.length - 1);
  return slot;
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
