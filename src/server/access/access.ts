import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { ClientFault } from '../protocol/index.ts';
import { Proxies, isLoopback, type Peer } from './peer.ts';
import { TokenCheck } from './token-check.ts';

export interface AccessOptions {
  /** The address to listen at. */
  readonly host: string;
  /** Without a token everyone who reaches the server may control: on loopback only. */
  readonly token?: string;
  /**
   * Pages of these origins may use the server, besides its own; in the form that browsers send (`https://example.org`).
   */
  readonly allowedOrigins?: readonly string[];
  /** By which browsers reach the server through a proxy. */
  readonly publicUrl?: URL;
  /** Those whose word about a client counts; none unless set. */
  readonly proxies?: Proxies;
  /** The clock by which wrong tokens are limited. */
  readonly nowMs?: () => number;
}

/** 144 random bits, short enough for a QR code on a terminal. */
export function createToken(): string {
  return randomBytes(18).toString('base64url');
}

/** Who may come in, and who may control. */
export class Access {
  readonly #loopback: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #tokens: TokenCheck | undefined;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #publicUrl: URL | undefined;
  readonly #proxies: Proxies;

  constructor(options: AccessOptions) {
    const { host, token, allowedOrigins = [], publicUrl, nowMs = () => performance.now() } = options;
    this.#loopback = isLoopback(host);
    this.#tokens = token === undefined ? undefined : new TokenCheck(token, nowMs);
    this.#allowedOrigins = new Set(allowedOrigins);
    this.#publicUrl = publicUrl;
    this.#proxies = options.proxies ?? new Proxies([]);
    const name = hostname().toLowerCase();
    this.#names = new Set([
      'localhost',
      ...(this.#loopback ? [] : [host.toLowerCase(), name, `${name}.local`]),
      ...(publicUrl === undefined ? [] : [nameOf(publicUrl)]),
      ...allowedOrigins.flatMap((origin) => (URL.canParse(origin) ? nameOf(new URL(origin)) : [])),
    ]);
  }

  peerOf(request: IncomingMessage): Peer {
    return this.#proxies.peerOf(request);
  }

  /** The request's origin, when it is an allowed foreign one: it may read the answer. */
  foreignOrigin(request: IncomingMessage): string | undefined {
    const { origin } = request.headers;
    return origin !== undefined && this.#allowedOrigins.has(origin) ? origin : undefined;
  }

  /** All foreign origins that are allowed. */
  get foreignOrigins(): readonly string[] {
    return [...this.#allowedOrigins];
  }

  /** Where the client that sent the request finds the server; with a slash at its end. */
  addressFor(request: IncomingMessage): URL {
    const { host = 'localhost' } = request.headers;
    const forwarded = this.#proxies.forwarded(request);
    if (this.#publicUrl !== undefined) {
      const isNamed = nameOfHost(host) === nameOf(this.#publicUrl);
      if (isNamed || this.peerOf(request).proxied) return this.#publicUrl;
    }
    return new URL(`${forwarded.scheme ?? 'http'}://${forwarded.host ?? host}/`);
  }

  /**
   * A page of another site must not reach the show through the browser of someone near it: neither openly (its Origin
   * differs) nor under its own name, pointed at this server (DNS rebinding: the Host differs).
   *
   * @throws ClientFault not-allowed
   */
  checkRequest(request: IncomingMessage): void {
    const { host, origin } = request.headers;
    const { host: forwardedHost, scheme = 'http' } = this.#proxies.forwarded(request);
    const hosts = [host, ...(forwardedHost === undefined ? [] : [forwardedHost])];
    for (const named of hosts) {
      const name = named === undefined ? undefined : nameOfHost(named);
      if (name === undefined) throw new ClientFault('not-allowed', 'the Host header names no machine');
      if (!this.#isOurName(name)) {
        throw new ClientFault(
          'not-allowed',
          `the show does not know itself as ${name}: use the address as printed, or start it with --public-url ${scheme}://${named}/`,
        );
      }
    }
    if (origin === undefined || this.#allowedOrigins.has(origin) || origin === this.#publicUrl?.origin)
      return;
    if (hosts.some((own) => origin === `http://${own}` || origin === `https://${own}`)) return;
    throw new ClientFault('not-allowed', originRefusal(origin));
  }

  /**
   * Whether the token is right or none is needed. A wrong token counts as none: for answers that everyone may read in
   * part.
   */
  isTrusted(token: string | undefined, peer: Peer): boolean {
    return this.#check(token, peer) === 'right';
  }

  /** Whether the token is right; without one, whether none is needed. @throws ClientFault unauthorised, too-many */
  mayControl(token: string | undefined, peer: Peer): boolean {
    switch (this.#check(token, peer)) {
      case 'right':
        return true;
      case 'none':
        return false;
      case 'wrong':
        throw new ClientFault('unauthorised', 'the token is wrong');
      case 'too-many':
        throw new ClientFault('too-many', 'too many wrong tokens from this address: wait a minute');
    }
  }

  /** @throws ClientFault unauthorised, too-many */
  requireControl(token: string | undefined, peer: Peer): void {
    if (this.mayControl(token, peer)) return;
    throw new ClientFault('unauthorised', this.tokenNeeded);
  }

  /** Why someone without a token may not control. */
  get tokenNeeded(): string {
    return this.#tokens === undefined
      ? 'this came through a proxy: start the show with --public-url, which gives it a control token'
      : 'the control token is needed: it is in the link that was printed';
  }

  /** Where the show has no token, every token is right, and no token too, on this machine. */
  #check(token: string | undefined, { address, proxied }: Peer): 'right' | 'none' | 'wrong' | 'too-many' {
    if (this.#tokens === undefined) return proxied ? 'none' : 'right';
    return token === undefined || token === '' ? 'none' : this.#tokens.check(token, address);
  }

  #isOurName(name: string): boolean {
    if (this.#names.has(name)) return true;
    if (this.#loopback) return isLoopback(name);
    // A numeric address can't be made to point elsewhere.
    if (isIP(name) !== 0) return true;
    return false;
  }
}

/** Of an address, in the form of `nameOfHost`. */
function nameOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function originRefusal(origin: string): string {
  const isSite = origin.length < 200 && URL.canParse(origin) && /^https?:/.test(origin);
  if (!isSite) return 'pages of this origin may not use the server: serve them by http or https';
  const { origin: site } = new URL(origin);
  return `pages of ${site} may not use the server: start it with --public-url ${site}/ if this is the show's own address, or with --origin ${site} if it is another site's`;
}

/** `NAME:PORT`, `[V6]:PORT` or without a port → the name in small letters. */
function nameOfHost(host: string): string | undefined {
  const [, v6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (v6 ?? name)?.toLowerCase();
}
