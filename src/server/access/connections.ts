import type { Server, Socket } from 'node:net';
import { addressOf, isLoopback, type Proxies } from './peer.ts';

export interface ConnectionLimits {
  /** For one address other than this machine and trusted proxies: four to each of the clients that it may have. */
  readonly connectionsPerAddress: number;
  readonly clientsPerAddress: number;
}

/** A display has its stream, and some more for the pictures that come and go. */
const CONNECTIONS_PER_CLIENT = 4;

/** Counts TCP connections of each address: one address must not take those that all others need. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #proxies: Proxies | undefined;
  readonly #ofAddress = new Map<string, number>();

  /** @param proxies that bring the connections of many */
  constructor(limits: ConnectionLimits, proxies?: Proxies) {
    this.#limits = limits;
    this.#proxies = proxies;
  }

  /** Closes connections of a server beyond the limit of their address; `cut` is called for each. */
  limit(server: Server, cut: () => void): void {
    const known = new WeakSet<Socket>();
    server.on('connection', (socket: Socket) => {
      // A request that is sent back to be read again comes as a connection.
      if (known.has(socket)) return;
      known.add(socket);
      const address = addressOf({ socket });
      if (this.add(address)) {
        socket.on('close', () => {
          this.remove(address);
        });
      } else {
        cut();
        socket.destroy();
      }
    });
  }

  /** @returns false when the address has too many; otherwise call `remove` once */
  add(address: string): boolean {
    const count = this.#ofAddress.get(address) ?? 0;
    if (count >= this.#mostOf(address)) return false;
    this.#ofAddress.set(address, count + 1);
    return true;
  }

  remove(address: string): void {
    const left = (this.#ofAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
  }

  #mostOf(address: string): number {
    const { connectionsPerAddress, clientsPerAddress } = this.#limits;
    if (isLoopback(address) || this.#proxies?.isTrusted(address) === true) return connectionsPerAddress;
    return Math.min(connectionsPerAddress, CONNECTIONS_PER_CLIENT * clientsPerAddress);
  }
}
