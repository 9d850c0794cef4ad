import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { ClientFault } from '../protocol/index.ts';
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
  /** The clock by which wrong tokens are limited. */
  readonly nowMs?: () => number;
}

/** 144 random bits, short enough for a QR code on a terminal. */
export function createToken(): string {
  return randomBytes(18).toString('base64url');
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Writes IPv4 addresses that come through an IPv6 socket plainly. */
export function addressOf({ socket }: { readonly socket: Pick<Socket, 'remoteAddress'> }): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** Who may come in, and who may control. */
export class Access {
  readonly #loopback: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #tokens: TokenCheck | undefined;
  readonly #allowedOrigins: ReadonlySet<string>;

  constructor({ host, token, allowedOrigins = [], nowMs = () => performance.now() }: AccessOptions) {
    this.#loopback = isLoopback(host);
    this.#tokens = token === undefined ? undefined : new TokenCheck(token, nowMs);
    this.#allowedOrigins = new Set(allowedOrigins);
    const name = hostname().toLowerCase();
    this.#names = new Set(
      this.#loopback
        ? ['localhost']
        : ['localhost', host.toLowerCase(), name, `${name}.local`, ...allowedOrigins.flatMap(hostnameOf)],
    );
  }

  get needsToken(): boolean {
    return this.#tokens !== undefined;
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

  /**
   * A page of another site must not reach the show through the browser of someone near it: neither openly (its Origin
   * differs) nor under its own name, pointed at this server (DNS rebinding: the Host differs).
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

  /**
   * Whether the token is right or none is needed. A wrong token counts as none: for answers that everyone may read in
   * part.
   */
  isTrusted(token: string | undefined, address: string): boolean {
    return this.#check(token, address) === 'right';
  }

  /** Whether the token is right; without one, whether none is needed. @throws ClientFault unauthorised, too-many */
  mayControl(token: string | undefined, address: string): boolean {
    switch (this.#check(token, address)) {
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
  requireControl(token: string | undefined, address: string): void {
    if (this.mayControl(token, address)) return;
    throw new ClientFault('unauthorised', 'the control token is needed: it is in the link that was printed');
  }

  /** Where no token is needed, every token is right, and no token too. */
  #check(token: string | undefined, address: string): 'right' | 'none' | 'wrong' | 'too-many' {
    if (this.#tokens === undefined) return 'right';
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

function hostnameOf(origin: string): string[] {
  return URL.canParse(origin) ? [new URL(origin).hostname] : [];
}

/** `NAME:PORT`, `[V6]:PORT` or without a port → the name in small letters. */
function nameOfHost(host: string): string | undefined {
  const [, v6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (v6 ?? name)?.toLowerCase();
}
