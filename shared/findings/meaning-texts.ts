/** What claims say, for a person. */
import { portText } from '../flow-log/names.ts';
import type { Finding, TopServerPort } from './finding.ts';
import { type Claim, flowsOf, requestedServices } from './meaning-claims.ts';
import { count, several, who } from './wording.ts';

export function sweepText(claims: readonly Claim[]): string {
  return several(claims, ({ source }) => `${who(source!)} tried ${source!.interfaces} interfaces`);
}

export function scanText(claims: readonly Claim[]): string {
  return several(claims, ({ source }) => `${who(source!)} tried ${source!.server_ports} ports`);
}

export function publicServiceText(claims: readonly Claim[]): string {
  return several(claims, ({ service }) => {
    const { clients, accepted_flows: accepted } = service!;
    const refused = `${placeText(service!)} is refused to ${clients} clients`;
    return accepted > 0 ? `${refused} and accepted from others (${count(accepted, 'flow')})` : refused;
  });
}

export function repliesText(claims: readonly Claim[]): string {
  const replies = count(flowsOf(claims), 'reply', 'replies');
  return `${replies} refused whose requests were accepted${placesText(claims, ' by ')}: look at the network ACL`;
}

export function requestsText(claims: readonly Claim[]): string {
  return `${count(flowsOf(claims), 'request')}${placesText(claims, ' to ')}`;
}

/** The flows that AWS refused for a reason of its own, and what they asked for. */
export function refusedText(claims: readonly Claim[], finding: Finding): string {
  const services = requestedServices(finding);
  const places = services.length === 0 ? '' : `, to ${servicesText(services)}`;
  return `${flowsText(claims)} refused${places}`;
}

export function flowsText(claims: readonly Claim[]): string {
  return count(flowsOf(claims), 'flow');
}

/** The services of claims; empty if they are about none. */
export function placesText(claims: readonly Claim[], before: string): string {
  const services = claims.map(({ service }) => service).filter((service) => service !== undefined);
  return services.length === 0 ? '' : before + servicesText(services);
}

/** Services, the first of them by name; their server once if it is the same. */
export function servicesText(services: readonly TopServerPort[]): string {
  const [first, ...others] = services;
  const isOneServer = others.length > 0 && others.every(({ server }) => server === first?.server);
  if (!isOneServer || first?.server === undefined) return several(services, placeText);
  return `${several(services, ({ protocol, port }) => portText(protocol, port))} at ${first.server}`;
}

function placeText({ protocol, port, server }: TopServerPort): string {
  return portText(protocol, port) + (server === undefined ? '' : ` at ${server}`);
}
