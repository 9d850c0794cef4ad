import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { SynestheteError } from '../../../models/errors.ts';

/** Where a request comes from. */
export interface Peer {
  /** Of the client, where a proxy that is trusted names it; otherwise of the other end of the connection. */
  readonly address: string;
  /** It came through a proxy: then it is not of this machine, whatever the address. */
  readonly proxied: boolean;
}

/** What a trusted proxy says about the request as the client made it. */
export interface Forwarded {
  /** NAME or NAME:PORT */
  readonly host?: string;
  readonly scheme?: 'http' | 'https';
}

type Request = Pick<IncomingMessage, 'headers' | 'httpVersion'> & {
  readonly socket: Pick<Socket, 'remoteAddress'>;
};

/** Headers that proxies add, beside those that begin with `x-forwarded-`. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'cf-connecting-ip', 'true-client-ip'];

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export function isOfThisMachine({ address, proxied }: Peer): boolean {
  return !proxied && isLoopback(address);
}

/** Writes IPv4 addresses that come through an IPv6 socket plainly. */
export function addressOf({ socket }: { readonly socket: Pick<Socket, 'remoteAddress'> }): string {
  return plain(socket.remoteAddress ?? '');
}

/** The proxies whose word about a client counts. */
export class Proxies {
  readonly #trusted = new BlockList();

  /** @param trusted addresses, or networks as `10.0.0.0/8`. @throws SynestheteError USAGE */
  constructor(trusted: readonly string[]) {
    for (const entry of trusted) {
      const [address = '', bits] = entry.split('/');
      const family = familyOf(address);
      const most = family === 'ipv4' ? 32 : 128;
      if (family === undefined || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
        throw new SynestheteError(
          'USAGE',
          `${entry} is no address of a proxy: give one as 127.0.0.1 or 10.0.0.0/8`,
        );
      }
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(bits), family);
    }
  }

  isTrusted(address: string): boolean {
    const family = familyOf(address);
    return family !== undefined && this.#trusted.check(address, family);
  }

  peerOf(request: Request): Peer {
    const address = addressOf(request);
    if (!this.isTrusted(address)) return { address, proxied: showsProxy(request) };
    // The last address that no trusted proxy has: what stands before it is the client's own word.
    const path = listOf(request.headers['x-forwarded-for']) ?? forwardedPath(request);
    const client = path.map(bare).findLast((hop) => !this.isTrusted(hop));
    return { address: client !== undefined && isIP(client) !== 0 ? client : address, proxied: true };
  }

  /** @returns nothing of a request that no trusted proxy has sent */
  forwarded(request: Request): Forwarded {
    if (!this.isTrusted(addressOf(request))) return {};
    const said = elementsOf(request).at(-1);
    const host = listOf(request.headers['x-forwarded-host'])?.at(-1) ?? said?.get('host');
    const scheme = listOf(request.headers['x-forwarded-proto'])?.at(-1) ?? said?.get('proto');
    return {
      ...(host !== undefined && { host }),
      ...((scheme === 'http' || scheme === 'https') && { scheme }),
    };
  }
}

/** Also HTTP/1.0 does: nginx speaks it unless told otherwise, and else hardly anything does. */
function showsProxy({ headers, httpVersion }: Request): boolean {
  if (httpVersion === '1.0') return true;
  return Object.keys(headers).some((name) => name.startsWith('x-forwarded-') || PROXY_HEADERS.includes(name));
}

function listOf(header: string | readonly string[] | undefined): string[] | undefined {
  if (header === undefined) return undefined;
  return [header].flat().flatMap((value) => value.split(',').map((item) => item.trim()));
}

/** The elements of `Forwarded` (RFC 7239): one for each proxy on the way, the nearest last. */
function elementsOf({ headers }: Request): ReadonlyMap<string, string>[] {
  return (listOf(headers.forwarded) ?? []).map(
    (element) =>
      new Map(
        element.split(';').map((pair): [string, string] => {
          const [name = '', value = ''] = pair.split('=');
          return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')];
        }),
      ),
  );
}

function forwardedPath(request: Request): string[] {
  return elementsOf(request).flatMap((element) => element.get('for') ?? []);
}

/** `V4:PORT`, `[V6]:PORT` or an address → the address */
function bare(hop: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(hop) ?? [];
  return plain(v6 ?? v4 ?? hop);
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}
