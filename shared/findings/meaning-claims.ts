/** What a finding's evidence shows, for the rules of its meaning. */
import { isGroupAddress, rangeOf } from './address.ts';
import { TCP } from './connection.ts';
import type { DistinctCount, Finding, TopDestination, TopServerPort, TopSource } from './finding.ts';

/** What a rule reads out of a finding's evidence. */
export interface Claim {
  /** How many of the finding's flows it is about, at least. Several claims may be about the same flow. */
  readonly flows: number;
  /** The service, where the claim is about one. At most as many as a finding's top list has. */
  readonly service?: TopServerPort;
  /** Who tries, where the claim is about one source. */
  readonly source?: TopSource;
  /** Where to, where the claim is about one destination. */
  readonly destination?: TopDestination;
}

// What counts as many. The evidence is that of one object: five minutes of an interface, ten at most.

/** From this many ports, or interfaces, on a source tries things rather than to want a service. */
export const MANY_TRIED = 10;
/** A scan tries several ports of a destination. One port of each of many is how peers find each other. */
export const PORTS_OF_EACH = 2;
/**
 * What asks for the same again and again wants the service, as health checks do and what collects metrics each minute.
 * A scan asks once; the retries of one attempt take two minutes, which are three records.
 */
export const REPEATS = 4;
/** Health checks and metrics are of few ports of a target. Who asks one for more tries them, however often. */
export const MOST_WANTED = 20;
/** So many sources do not meet at one port of an interface in a few minutes by chance: at any that is open to others … */
export const SOME_CLIENTS = 10;
/** … and at the ports of the web, which everyone tries. */
export const MANY_CLIENTS = 20;
/**
 * What is refused of one service, of all that is refused: no port has so much of the internet's scanning. Others that
 * may be going dark are left out of it, or several at once would hide each other.
 */
export const DARK_SHARE = 0.25;
/**
 * A few among many accepted flows of a service say nothing about it: blocked strangers, or packets that came too late and
 * look like requests or replies where the log has no TCP flags.
 */
export const STRAY_SHARE = 0.1;
/** Without TCP flags fewer may be late packets, if their connections lie in the object before. */
export const FEW_FLOWS = 3;
/** What the discovery of a path's MTU, or a traceroute, makes a transit gateway drop. */
export const FEW_PACKETS = 20;

const WEB_PORTS: readonly number[] = [80, 443];
/** SSH, Telnet, RDP, VNC, WinRM and Webmin, as in the saved query "admin-port-traffic". */
const ADMIN_PORTS: readonly number[] = [22, 23, 3389, 5900, 5985, 5986, 10000];

// Sources that try things.

/** A claim for each source that asks for many ports. */
export function portScanClaims(finding: Finding): readonly Claim[] {
  return scannersOf(finding).map(claimOfSource);
}

/** A claim for each source that asks many interfaces for the same. */
export function hostSweepClaims(finding: Finding): readonly Claim[] {
  return sweepersOf(finding).map(claimOfSource);
}

function scannersOf({ top_sources: sources = [] }: Finding): TopSource[] {
  return sources.filter((source) => isScanner(source) && (asksTooMuch(source) || !goesOnAsking(source)));
}

function sweepersOf({ top_sources: sources = [] }: Finding): TopSource[] {
  return sources.filter(
    (source) =>
      atLeast(source.interfaces ?? '0', MANY_TRIED) &&
      atLeast(source.destinations, 1) &&
      !atLeast(source.server_ports, MANY_TRIED) &&
      !goesOnAsking(source),
  );
}

function isScanner({ server_ports: ports, destinations }: TopSource): boolean {
  if (!atLeast(ports, MANY_TRIED)) return false;
  return isCrowd(destinations) ? isCrowd(ports) : leastOf(ports) >= PORTS_OF_EACH * leastOf(destinations);
}

/** Whether a source asks for more than anyone wants. Of its destinations at least one was asked for so many ports. */
function asksTooMuch({ server_ports: ports, destinations }: TopSource): boolean {
  return leastOf(ports) > MOST_WANTED * Math.max(1, leastOf(destinations));
}

/** Whether a source asks for the same again and again. Of a crowd of ports nobody knows how many there are. */
function goesOnAsking({ flows, error, server_ports: ports, destinations }: TopSource): boolean {
  return !isCrowd(ports) && flows - error >= REPEATS * Math.max(1, leastOf(ports), leastOf(destinations));
}

// Services that are refused.

/** The services that were asked for and refused, most flows first. */
export function requestedServices({ top_server_ports: ports = [] }: Finding): TopServerPort[] {
  return ports.filter((port) => port.refused_requests > 0);
}

/** A claim for each own service that the internet, or an AWS service, suddenly cannot reach. */
export function publicServiceClaims(finding: Finding): readonly Claim[] {
  if (!isAnyOf(finding, 'internet-to-subnet', 'aws-service')) return [];
  const { refused_requests: all = 0 } = finding;
  const candidates = requestedServices(finding).filter((service) => mayBeDark(service, finding));
  const others = all - sumOf(candidates, ({ refused_requests: requests }) => requests);
  return candidates
    .filter(({ refused_requests: requests }) => requests >= DARK_SHARE * (others + requests))
    .map(claimOfRequests);
}

/** Whether a service is refused to so many that it may be going dark, if it is not just the internet's scanning. */
function mayBeDark(service: TopServerPort, finding: Finding): boolean {
  const { side, port, clients, refused_requests: requests, accepted_flows: accepted } = service;
  if (side !== 'own' || isAdminPort(service) || isStray(requests, service)) return false;
  // All connections of a service can close at once and leave a late packet each, which looks like a request.
  if (isUncertain(service, finding) && requests <= accepted) return false;
  return accepted > 0
    ? atLeast(clients, SOME_CLIENTS)
    : WEB_PORTS.includes(port) && atLeast(clients, MANY_CLIENTS);
}

/** A claim for each service that own networks ask each other for. */
export function internalServiceClaims(finding: Finding): readonly Claim[] {
  return isAnyOf(finding, 'subnet-to-subnet', 'on-premises') ? serviceClaims(finding) : [];
}

/** A claim for each service of the internet or of AWS that an own resource asks for. */
export function egressClaims(finding: Finding): readonly Claim[] {
  if (isAnyOf(finding, 'subnet-to-internet')) return serviceClaims(finding);
  if (!isAnyOf(finding, 'aws-service')) return [];
  return serviceClaims(finding).filter(({ service }) => service?.side === 'peer');
}

/** A claim for each port of administration that the internet asks for. */
export function adminPortClaims(finding: Finding): readonly Claim[] {
  if (!isAnyOf(finding, 'internet-to-subnet')) return [];
  return requestedServices(finding).filter(isAdminPort).map(claimOfRequests);
}

function isAdminPort({ protocol, port }: TopServerPort): boolean {
  return protocol === TCP && ADMIN_PORTS.includes(port);
}

/**
 * A claim for each service that is refused, and one without a service for the requests beyond the list. Requests that a
 * scanning source may have sent, or whose reject reason is known, have meanings of their own.
 */
function serviceClaims(finding: Finding): readonly Claim[] {
  const { refused_requests: requests = 0 } = finding;
  const trying = [...scannersOf(finding), ...sweepersOf(finding)];
  const tried = sumOf(trying, ({ flows }) => flows);
  const triedPerPort = sumOf(trying, ({ flows, server_ports: ports }) =>
    Math.ceil(flows / Math.max(1, leastOf(ports))),
  );
  const listed = sumOf(requestedServices(finding), (service) => service.refused_requests);
  let left = requests - tried - flowsOf([...reasonClaims(finding, 'BPA'), ...reasonClaims(finding, 'EC')]);
  const claims: Claim[] = [];
  for (const service of requestedServices(finding)) {
    const flows = Math.min(left, service.refused_requests - triedPerPort);
    if (flows <= 0) continue;
    left -= flows;
    if (isUncertain(service, finding) && isStray(service.refused_requests, service)) continue;
    claims.push({ flows, service });
  }
  return [...claims, ...claimOf(Math.min(left, requests - listed))];
}

/** A claim for each service whose replies are refused, and one without a service for those beyond the list. */
export function replyClaims(finding: Finding): readonly Claim[] {
  const { top_server_ports: ports = [], refused_replies: replies = 0 } = finding;
  const services = ports.filter((port) => port.refused_replies > 0);
  const claims = services
    .filter((service) => isSynAck(service, finding) || !isStray(service.refused_replies, service))
    .map((service): Claim => ({ flows: service.refused_replies, service }));
  const listed = sumOf(services, (service) => service.refused_replies);
  return lacksFlags(finding) ? claims : [...claims, ...claimOf(replies - listed)];
}

/** Whether the refused replies of a service are certain to be some. Others can come too late for their request. */
function isSynAck({ protocol }: TopServerPort, finding: Finding): boolean {
  return protocol === TCP && !lacksFlags(finding);
}

/** Whether flows are only a few among the accepted ones of their service. */
function isStray(flows: number, { accepted_flows: accepted }: TopServerPort): boolean {
  return flows < STRAY_SHARE * accepted;
}

/** Whether a claim may be about late packets, because there are no flags to tell and so few flows prove nothing. */
export function mayBeLate({ flows, service }: Claim, finding: Finding): boolean {
  if (service === undefined) return lacksFlags(finding);
  return isUncertain(service, finding) && flows < FEW_FLOWS;
}

/** Whether what looks like a service's requests or replies may be late packets. */
function isUncertain({ protocol }: TopServerPort, finding: Finding): boolean {
  return protocol === TCP && lacksFlags(finding);
}

function lacksFlags({ tcp_flags_unknown: unknown = 0 }: Finding): boolean {
  return unknown > 0;
}

// Reject reasons, late packets and routes.

/** A claim if flows have this `reject-reason`. */
export function reasonClaims({ reject_reasons: reasons = [] }: Finding, wanted: string): readonly Claim[] {
  return reasons.filter(({ reason }) => reason === wanted).map(({ flows }) => ({ flows }));
}

/** Whether own resources ask for what is outside. Echoes of forged packets also go there, but ask for nothing. */
export function asksOutside(finding: Finding): boolean {
  const { refused_requests: requests = 0 } = finding;
  return requests > 0 && isAnyOf(finding, 'subnet-to-internet', 'aws-service');
}

/** A claim for each private destination that has no route, and one for all others. */
export function noRouteClaims({
  cause,
  flows,
  top_destinations: destinations = [],
}: Finding): readonly Claim[] {
  if (cause !== 'no-route') return [];
  const claims = destinations
    .filter(({ address }) => rangeOf(address) === 'private' && !isGroupAddress(address))
    .map((destination): Claim => ({ flows: destination.flows - destination.error, destination }));
  return [...claims, ...claimOf(flows - flowsOf(claims))];
}

/** Whether the connections are on one of these paths. */
export function isAnyOf({ path }: Finding, ...paths: readonly Finding['path'][]): boolean {
  return paths.includes(path);
}

/** A claim about flows, if there are any. */
export function claimOf(flows: number): readonly Claim[] {
  return flows > 0 ? [{ flows }] : [];
}

/** The flows of claims together. */
export function flowsOf(claims: readonly Claim[]): number {
  return sumOf(claims, ({ flows }) => flows);
}

function claimOfSource(source: TopSource): Claim {
  return { flows: source.flows - source.error, source };
}

function claimOfRequests(service: TopServerPort): Claim {
  return { flows: service.refused_requests, service };
}

function sumOf<T>(entries: readonly T[], number: (entry: T) => number): number {
  return entries.reduce((sum, entry) => sum + number(entry), 0);
}

function isCrowd(distinct: DistinctCount): boolean {
  return distinct.endsWith('+');
}

/** The least that a distinct count can be: 65 for `64+`. */
function leastOf(distinct: DistinctCount): number {
  return Number.parseInt(distinct, 10) + (isCrowd(distinct) ? 1 : 0);
}

function atLeast(distinct: DistinctCount, least: number): boolean {
  return leastOf(distinct) >= least;
}
