/** What people call an end of traffic by. */

import { canonicalAddress, canonicalNetwork } from '../../shared/addresses.ts';
import { QueryError } from '../query-error.ts';

export type NamedEnd = { readonly text: string } & (
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'network'; readonly network: string }
  | { readonly kind: 'interface'; readonly id: string }
  | { readonly kind: 'instance'; readonly id: string }
);

/** Finds the addresses of a host name. Rejects if there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const ID = /^(eni|i)-[0-9a-f]{8}(?:[0-9a-f]{9})?$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63})*\.?$/i;

/**
 * An end by its name: an address, a network in CIDR notation, `eni-…`, `i-…`, or a host name, which becomes all of its
 * addresses.
 *
 * @param option the option that gave the text, for messages
 * @throws QueryError that says what the option takes, or that the host name has no address.
 */
export async function namedEnd(option: string, text: string, resolve: Resolve): Promise<NamedEnd> {
  const address = canonicalAddress(text);
  if (address !== undefined) return { text, kind: 'addresses', addresses: [address] };
  const network = canonicalNetwork(text);
  if (network !== undefined) {
    const [only = '', length] = network.split('/');
    const isHost = length === (only.includes(':') ? '128' : '32');
    return isHost ? { text, kind: 'addresses', addresses: [only] } : { text, kind: 'network', network };
  }
  const id = ID.exec(text.toLowerCase());
  if (id !== null) return { text, kind: id[1] === 'i' ? 'instance' : 'interface', id: id[0] };
  // What looks like an address, a network or an id and is none, is no host name either.
  if (!HOST_NAME.test(text) || /^[\d.]+$/.test(text) || /^(eni|i)-[0-9a-f]+$/i.test(text)) {
    throw new QueryError(
      `${option} cannot be "${text}": it takes an address, a network in CIDR notation, an interface (eni-…), ` +
        'an instance (i-…) or a host name.',
    );
  }
  return { text, kind: 'addresses', addresses: await addressesOf(option, text, resolve) };
}

async function addressesOf(option: string, host: string, resolve: Resolve): Promise<readonly string[]> {
  const found = await resolve(host).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOTFOUND' ? 'nobody knows the name' : (error.code ?? error.message);
    throw new QueryError(
      `${option}: the host name ${host} cannot be resolved here (${reason}). Names of private zones resolve inside ` +
        'of their VPC only: give the address that the source gets for it.',
    );
  });
  return [...new Set(found.flatMap((each) => canonicalAddress(each) ?? []))];
}
