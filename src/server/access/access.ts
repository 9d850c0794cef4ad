import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { ClientFault } from '../protocol/index.ts';
import { AddressBuckets } from './rates.ts';

export interface AccessOptions {
  /** The address that is listened at. */
  readonly host: string;
  /** Without one everyone who reaches the server may control: on loopback only. */
  readonly token?: string;
  /** Pages of these origins (`https://example.org`) may use the server, besides its own. */
  readonly allowedOrigins?: readonly string[];
}

/** Wrong tokens from one address: so many at once, then one each so many seconds. */
const WRONG_TOKENS_BURST = 10;
const SECONDS_PER_WRONG_TOKEN = 6;

/** 144 random bits, short enough for a QR code on a terminal. */
export function createToken(): string {
  return randomBytes(18).toString('base64url');
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** IPv4 addresses that come through an IPv6 socket are written plainly. */
export function addressOf({ socket }: { readonly socket: Pick<Socket, 'remoteAddress'> }): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** Who may come in, and who may control. */
export class Access {
  readonly #loopback: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #tokenDigest: Buffer | undefined;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #wrongTokens = new AddressBuckets(1 / SECONDS_PER_WRONG_TOKEN, WRONG_TOKENS_BURST);

  constructor({ host, token, allowedOrigins = [] }: AccessOptions) {
    this.#loopback = isLoopback(host);
    this.#tokenDigest = token === undefined ? undefined : digest(token);
    this.#allowedOrigins = new Set(allowedOrigins);
    const name = hostname().toLowerCase();
    this.#names = new Set(
      this.#loopback
        ? ['localhost']
        : ['localhost', host.toLowerCase(), name, `${name}.local`, ...allowedOrigins.flatMap(hostnameOf)],
    );
  }

  get needsToken(): boolean {
    return this.#tokenDigest !== undefined;
  }

  /** The request's origin, when it is another one that is allowed: it may read the answer. */
  foreignOrigin(request: IncomingMessage): string | undefined {
    const { origin } = request.headers;
    return origin !== undefined && this.#allowedOrigins.has(origin) ? origin : undefined;
  }

  get hasForeignOrigins(): boolean {
    return this.#allowedOrigins.size > 0;
  }

  /**
   * A page of another site must not reach the show through the browser of someone who is near it: neither as itself
   * (its Origin is another) nor under a name of its own that it lets point here (DNS rebinding: the Host is another).
   *
   * @throws ClientFault not-allowed
   */
  checkRequest(request: IncomingMessage): void {
    const { host, origin } = request.headers;
    const name = host === undefined ? undefined : nameOfHost(host);
    if (name === undefined || !this.#isOurName(name)) {
      throw new ClientFault(
        'not-allowed',
        'the Host header names another machine: use the address as printed',
      );
    }
    if (origin === undefined || this.#allowedOrigins.has(origin)) return;
    if (origin === `http://${host}` || origin === `https://${host}`) return;
    throw new ClientFault('not-allowed', 'pages of this origin may not use the server');
  }

  /** Whether the token is right or none is needed. A wrong one is as none: for what everyone may read in part. */
  isTrusted(token: string | undefined): boolean {
    if (this.#tokenDigest === undefined) return true;
    // Digests are of one length, so that the comparison tells nothing of the token, not even its own.
    return token !== undefined && timingSafeEqual(digest(token), this.#tokenDigest);
  }

  /** Whether the token is right; without one, whether none is needed. @throws ClientFault unauthorised, too-many */
  mayControl(token: string | undefined, address: string): boolean {
    if (this.isTrusted(token)) return true;
    if (token === undefined || token === '') return false;
    if (!this.#wrongTokens.take(address)) {
      throw new ClientFault('too-many', 'too many wrong tokens from this address: wait a minute');
    }
    throw new ClientFault('unauthorised', 'the token is wrong');
  }

  /** @throws ClientFault unauthorised, too-many */
  requireControl(token: string | undefined, address: string): void {
    if (this.mayControl(token, address)) return;
    throw new ClientFault('unauthorised', 'the control token is needed: it is in the link that was printed');
  }

  #isOurName(name: string): boolean {
    if (this.#names.has(name)) return true;
    if (this.#loopback) return isLoopback(name);
    // Nobody can let an address in numbers point elsewhere.
    if (isIP(name) !== 0) return true;
    return false;
  }
}

function hostnameOf(origin: string): string[] {
  return URL.canParse(origin) ? [new URL(origin).hostname] : [];
}

/** `NAME:PORT`, `[V6]:PORT` or without a port → the name in small letters. */
function nameOfHost(host: string): string | undefined {
  const [, v6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (v6 ?? name)?.toLowerCase();
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
