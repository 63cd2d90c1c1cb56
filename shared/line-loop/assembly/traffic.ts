/**
 * What the loop learns from accepted flows, which are nine of ten records: who recorded them, whether their addresses
 * agree with what is known, that they were seen, and which ports were served. What is rare (a new resource, addresses
 * that tell something new) is left to TypeScript, on the same memory.
 */
import {
  ATTACHMENT_COLUMN_AT,
  DESTINATION_ADDRESS_COLUMN_AT,
  DESTINATION_HASH_AT,
  DESTINATION_PORT_COLUMN_AT,
  FEW_FLOW_PLACES,
  FIRST_CANDIDATE,
  FIRST_CANDIDATE_HASH,
  FIRST_HASH,
  FIRST_PORT_PLACES_BITS,
  FIRST_SLOTS,
  FLOW_LIST_AT,
  FLOW_PLACES,
  FLOW_PLACES_BITS,
  FLOWS_AT,
  INTERFACE_COLUMN_AT,
  IS_BARE,
  MOST_FEW_FLOWS,
  MOST_PORT_KEYS,
  MOST_PORT_PLACES_BITS,
  MOST_RESOURCES,
  OLD_PORT_TABLE_AT,
  OTHER_CANDIDATE,
  PORT_COUNT,
  PORT_PLACE_BYTES,
  PORT_TABLE_AT,
  PORTS,
  PROTOCOL_COLUMN_AT,
  RESOURCE_AT,
  RESOURCE_BYTES,
  RESOURCE_COLUMN_AT,
  RESOURCE_ID_COLUMN_AT,
  RESOURCES_AT,
  ROW_AT,
  ROW_BYTES,
  ROW_STATE,
  ROWS,
  SECOND_CANDIDATE,
  SECOND_CANDIDATE_HASH,
  SECOND_HASH,
  SEEN,
  SERVICE_RANKS_AT,
  SLOT_BYTES,
  SLOTS_AT,
  SOURCE_ADDRESS_COLUMN_AT,
  SOURCE_HASH_AT,
  SOURCE_PORT_COLUMN_AT,
  TOKEN_END_AT,
  TOKEN_START_AT,
  TRANSIT_GATEWAY_COLUMN_AT,
} from '../layout';
import { digitsValue, hashBytes, mix } from './bytes';

/** A resource of this number is named for the first time; or a record of traffic names one that was bare. */
declare function resourceNamed(number: i32, column: i32): void;
declare function resourceSeen(number: i32): void;
/** The line's addresses tell something new about which one is the resource's own. */
declare function ownAddressTold(): void;

const DASH: u8 = 0x2d;
const MOST_PROTOCOLS: i32 = 256;

let resources: i32 = 0;
let slots: i32 = FIRST_SLOTS;
/** Flows in the list; NOT_FEW once the whole table is in use. */
let fewFlows: i32 = 0;
const NOT_FEW: i32 = -1;
let portPlacesBits: i32 = FIRST_PORT_PLACES_BITS;
let portKeys: i32 = 0;

/** Forgets everything that is known of traffic. */
export function resetTraffic(): void {
  memory.fill(RESOURCES_AT, 0, resources * RESOURCE_BYTES);
  memory.fill(SLOTS_AT, 0, slots * SLOT_BYTES);
  memory.fill(FLOWS_AT, 0, (fewFlows === NOT_FEW ? FLOW_PLACES : FEW_FLOW_PLACES) << 2);
  memory.fill(PORT_TABLE_AT, 0, PORT_PLACE_BYTES << portPlacesBits);
  resources = 0;
  slots = FIRST_SLOTS;
  fewFlows = 0;
  portPlacesBits = FIRST_PORT_PLACES_BITS;
  portKeys = 0;
}

export function tokenStart(column: i32): i32 {
  return load<i32>(TOKEN_START_AT + (column << 2));
}

export function tokenEnd(column: i32): i32 {
  return load<i32>(TOKEN_END_AT + (column << 2));
}

/** Whether the line has no value in a column: the format lacks it, or the token is a dash. */
export function isMissing(column: i32): bool {
  if (column < 0) return true;
  const start = tokenStart(column);
  return tokenEnd(column) - start === 1 && load<u8>(start) === DASH;
}

/** The value of a numeric column, -1 where it is missing. */
export function numberIn(column: i32): i64 {
  return isMissing(column) ? -1 : digitsValue(tokenStart(column), tokenEnd(column));
}

// --- Resources -------------------------------------------------------------------------------------------------------

/** The column that names what recorded the line: what is most exact and not missing; -1 if nothing does. */
function resourceColumn(): i32 {
  let column = load<i32>(INTERFACE_COLUMN_AT);
  if (!isMissing(column)) return column;
  // A regional NAT gateway has no interface.
  column = load<i32>(RESOURCE_ID_COLUMN_AT);
  if (!isMissing(column)) return column;
  column = load<i32>(ATTACHMENT_COLUMN_AT);
  if (!isMissing(column)) return column;
  column = load<i32>(TRANSIT_GATEWAY_COLUMN_AT);
  return isMissing(column) ? -1 : column;
}

/** The number of the resource that the line's value in `column` names; -1 if there are too many to know it. */
function resourceNumber(column: i32): i32 {
  const hash = hashBytes(tokenStart(column), tokenEnd(column));
  const first = <i32>hash;
  const second = <i32>(hash >> 32);
  let slot = SLOTS_AT + (first & (slots - 1)) * SLOT_BYTES;
  while (true) {
    const number = load<i32>(slot) - 1;
    if (number < 0) return addResource(column, first, second);
    if (
      load<i32>(slot, 4) === first &&
      load<i32>(RESOURCES_AT + number * RESOURCE_BYTES, SECOND_HASH) === second
    )
      return number;
    slot += SLOT_BYTES;
    if (slot === SLOTS_AT + slots * SLOT_BYTES) slot = SLOTS_AT;
  }
}

function addResource(column: i32, first: i32, second: i32): i32 {
  if (resources === MOST_RESOURCES) return -1;
  if (resources * 2 === slots) growSlots();
  const number = resources++;
  const resource = RESOURCES_AT + number * RESOURCE_BYTES;
  store<i32>(resource, first, FIRST_HASH);
  store<i32>(resource, second, SECOND_HASH);
  store<u8>(resource, 1, IS_BARE);
  enterSlot(number, first);
  resourceNamed(number, column);
  return number;
}

function enterSlot(number: i32, first: i32): void {
  let place = first & (slots - 1);
  while (load<i32>(SLOTS_AT + place * SLOT_BYTES) !== 0) place = (place + 1) & (slots - 1);
  store<i32>(SLOTS_AT + place * SLOT_BYTES, number + 1);
  store<i32>(SLOTS_AT + place * SLOT_BYTES, first, 4);
}

function growSlots(): void {
  memory.fill(SLOTS_AT, 0, slots * SLOT_BYTES);
  slots *= 2;
  for (let number = 0; number < resources; number++) {
    enterSlot(number, load<i32>(RESOURCES_AT + number * RESOURCE_BYTES, FIRST_HASH));
  }
}

// --- Flows -----------------------------------------------------------------------------------------------------------

/**
 * A hash of a directed flow: its upper bits are the place of its fingerprint, the lower 32 the fingerprint. A newer flow
 * replaces an older one in the same place, so in huge objects a flow may be forgotten. For a wrong yes two flows need the
 * same 49 bits, or among few 32 bits and neighbouring places.
 */
function flowHash(
  source: i32,
  destination: i32,
  sourcePort: i32,
  destinationPort: i32,
  resource: i32,
  protocol: i32,
): u64 {
  const addresses = ((<u64>source) << 32) | <u64>(<u32>destination);
  const ports = <u32>((sourcePort << 16) ^ destinationPort);
  const origin = <u32>((resource << 8) ^ protocol);
  return mix(addresses, ((<u64>ports) << 32) | origin);
}

function flowPlace(hash: u64): i32 {
  return FLOWS_AT + ((<i32>(hash >> (64 - FLOW_PLACES_BITS))) << 2);
}

/** Never 0, which marks a free place. */
function fingerprint(hash: u64): i32 {
  return <i32>hash | <i32>(<i32>hash === 0);
}

function addFlow(hash: u64): void {
  if (fewFlows === NOT_FEW) {
    store<i32>(flowPlace(hash), fingerprint(hash));
    return;
  }
  const place = fewFlowPlace(hash);
  if (load<i32>(place) !== 0) return;
  store<i32>(place, fingerprint(hash));
  store<u64>(FLOW_LIST_AT + (fewFlows++ << 3), hash);
  if (fewFlows === MOST_FEW_FLOWS) useWholeTable();
}

/** Where the flow stands among few, or the free place where it belongs. */
function fewFlowPlace(hash: u64): i32 {
  const print = fingerprint(hash);
  let place = <i32>(hash >> 32) & (FEW_FLOW_PLACES - 1);
  while (true) {
    const at = FLOWS_AT + (place << 2);
    const found = load<i32>(at);
    if (found === print || found === 0) return at;
    place = (place + 1) & (FEW_FLOW_PLACES - 1);
  }
}

function useWholeTable(): void {
  memory.fill(FLOWS_AT, 0, FEW_FLOW_PLACES << 2);
  fewFlows = NOT_FEW;
  for (let i = 0; i < MOST_FEW_FLOWS; i++) addFlow(load<u64>(FLOW_LIST_AT + (i << 3)));
}

/** Whether a flow was accepted and is still known. Addresses are hashes, the resource is a number. */
export function wasAccepted(
  source: i32,
  destination: i32,
  sourcePort: i32,
  destinationPort: i32,
  resource: i32,
  protocol: i32,
): bool {
  const hash = flowHash(source, destination, sourcePort, destinationPort, resource, protocol);
  const place = fewFlows === NOT_FEW ? flowPlace(hash) : fewFlowPlace(hash);
  return load<i32>(place) === fingerprint(hash);
}

// --- Ports -----------------------------------------------------------------------------------------------------------

/** The key of a count: row, port, protocol and which candidate served; never 0. */
function portKey(row: i32, port: i32, protocol: i32, server: i32): u64 {
  // Unsigned, so that a port from 32768 on leaves the row's bits alone.
  return ((<u64>row) << 32) | <u64>(((<u32>port) << 16) | (protocol << 4) | (server + 1));
}

/** Where the key's place in the ports' table begins, or the free place where it belongs. */
function portPlace(key: u64): i32 {
  let place = <i32>((key * 0x9e3779b97f4a7c15) >> (64 - portPlacesBits));
  while (true) {
    const at = PORT_TABLE_AT + place * PORT_PLACE_BYTES;
    const found = load<u64>(at);
    if (found === key || found === 0) return at;
    place = (place + 1) & ((1 << portPlacesBits) - 1);
  }
}

function addPort(key: u64): void {
  let at = portPlace(key);
  if (load<u64>(at) === 0) {
    if (portKeys === mostPortKeys()) {
      if (portPlacesBits === MOST_PORT_PLACES_BITS) return;
      growPorts();
      at = portPlace(key);
    }
    portKeys++;
    store<u64>(at, key);
  }
  store<u32>(at, load<u32>(at, PORT_COUNT) + 1, PORT_COUNT);
}

function mostPortKeys(): i32 {
  return portPlacesBits === MOST_PORT_PLACES_BITS ? MOST_PORT_KEYS : 3 << (portPlacesBits - 2);
}

function growPorts(): void {
  const bytes = PORT_PLACE_BYTES << portPlacesBits;
  memory.copy(OLD_PORT_TABLE_AT, PORT_TABLE_AT, bytes);
  memory.fill(PORT_TABLE_AT, 0, bytes);
  portPlacesBits++;
  for (let from = OLD_PORT_TABLE_AT; from < OLD_PORT_TABLE_AT + bytes; from += PORT_PLACE_BYTES) {
    const key = load<u64>(from);
    if (key === 0) continue;
    const at = portPlace(key);
    store<u64>(at, key);
    store<u32>(at, load<u32>(from, PORT_COUNT), PORT_COUNT);
  }
}

/** Flows that the row's resource accepted to a port of the candidate (one of the three); as far as they were counted. */
export function acceptedFlows(row: i32, port: i32, protocol: i32, server: i32): u32 {
  return load<u32>(portPlace(portKey(row, port, protocol, server)), PORT_COUNT);
}

// --- Records ---------------------------------------------------------------------------------------------------------

/** Whether the address at these bytes is an IPv6 one (maybe just `::`): an IPv4 one has its first dot at one of the bytes 1 to 3. */
function isIPv6(start: i32): bool {
  const differences = (load<u32>(start) >> 8) ^ 0x2e2e2e;
  return ((differences - 0x010101) & ~differences & 0x808080) === 0;
}

/** Finds what recorded the line, the hashes of its addresses and their row, and sets the registers for them. */
export function locate(): void {
  const column = resourceColumn();
  const number = column < 0 ? -1 : resourceNumber(column);
  store<i32>(RESOURCE_COLUMN_AT, column);
  store<i32>(RESOURCE_AT, number);
  const source = load<i32>(SOURCE_ADDRESS_COLUMN_AT);
  const destination = load<i32>(DESTINATION_ADDRESS_COLUMN_AT);
  if (isMissing(source) || isMissing(destination)) {
    store<i32>(SOURCE_HASH_AT, 0);
    store<i32>(DESTINATION_HASH_AT, 0);
    store<i32>(ROW_AT, -1);
    return;
  }
  store<i32>(SOURCE_HASH_AT, hashToken(source));
  store<i32>(DESTINATION_HASH_AT, hashToken(destination));
  store<i32>(ROW_AT, number < 0 ? -1 : number * 2 + <i32>isIPv6(tokenStart(source)));
}

/** A 32-bit hash of the line's value in a column. */
export function hashToken(column: i32): i32 {
  return <i32>hashBytes(tokenStart(column), tokenEnd(column));
}

/** The number of the IPv4 address in a column, or -1 if it is none that is written without leading zeros. */
export function ipv4Token(column: i32): f64 {
  const end = tokenEnd(column);
  let number: u32 = 0;
  let at = tokenStart(column);
  for (let dots = 0; dots < 4; dots++) {
    const start = at;
    let octet: u32 = 0;
    while (at < end && at - start < 3) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) break;
      octet = octet * 10 + digit;
      at++;
    }
    if (at === start || octet > 255 || (load<u8>(start) === 0x30 && at - start > 1)) return -1;
    number = (number << 8) | octet;
    if (dots < 3 && (at === end || load<u8>(at++) !== 0x2e)) return -1;
  }
  return at === end ? <f64>number : -1;
}

function rowAt(row: i32): i32 {
  return RESOURCES_AT + (row >> 1) * RESOURCE_BYTES + ROWS + (row & 1) * ROW_BYTES;
}

/** Whether the addresses tell nothing new about the row's own one: the usual case. */
function agrees(at: i32, source: i32, destination: i32): bool {
  const state = <i32>load<u8>(at, ROW_STATE);
  const first = load<i32>(at, FIRST_CANDIDATE_HASH);
  const second = load<i32>(at, SECOND_CANDIDATE_HASH);
  // Computed without branches, which nobody could predict.
  const hasFirst = <i32>(source === first) | <i32>(destination === first);
  const hasSecond = <i32>(source === second) | <i32>(destination === second);
  const seen = SEEN | hasFirst | (hasSecond << 1);
  return state !== 0 && (state & seen) === state;
}

/** Learns from the line at hand, a flow, about its resource. */
export function learn(): void {
  locate();
  const number = load<i32>(RESOURCE_AT);
  if (number < 0) return;
  const resource = RESOURCES_AT + number * RESOURCE_BYTES;
  if (load<u8>(resource, IS_BARE) !== 0) {
    store<u8>(resource, 0, IS_BARE);
    resourceSeen(number);
  }
  const row = load<i32>(ROW_AT);
  if (row < 0) return;
  if (!agrees(rowAt(row), load<i32>(SOURCE_HASH_AT), load<i32>(DESTINATION_HASH_AT))) ownAddressTold();
}

/** Takes in the line at hand, an accepted flow. */
export function accepted(): void {
  learn();
  const row = load<i32>(ROW_AT);
  if (row < 0) return;
  const number = row >> 1;
  const at = rowAt(row);
  const source = load<i32>(SOURCE_HASH_AT);
  const destination = load<i32>(DESTINATION_HASH_AT);
  const sourcePort = <i32>numberIn(load<i32>(SOURCE_PORT_COLUMN_AT));
  const destinationPort = <i32>numberIn(load<i32>(DESTINATION_PORT_COLUMN_AT));
  const protocol = <i32>numberIn(load<i32>(PROTOCOL_COLUMN_AT));
  addFlow(flowHash(source, destination, sourcePort, destinationPort, number, protocol));

  // Arithmetic instead of branches: which end serves is a coin toss that no processor predicts.
  const sourceServes = servingRank(sourcePort) > servingRank(destinationPort);
  const port = select(sourcePort, destinationPort, sourceServes);
  const server = select(source, destination, sourceServes);
  if (<u32>protocol >= <u32>MOST_PROTOCOLS || <u32>port >= <u32>PORTS) return;
  const isFirst = server === load<i32>(at, FIRST_CANDIDATE_HASH);
  const isSecond = server === load<i32>(at, SECOND_CANDIDATE_HASH);
  const candidate = select(FIRST_CANDIDATE, select(SECOND_CANDIDATE, OTHER_CANDIDATE, isSecond), isFirst);
  addPort(portKey(row, port, protocol, candidate));
}

/** How much a port looks like a service's; of equal ones the lower port does. */
function servingRank(port: i32): i32 {
  const rank = <u32>port < <u32>PORTS ? <i32>load<u8>(SERVICE_RANKS_AT + port) : 0;
  return (rank << 16) - port;
}
