import { isLoopback } from './access.ts';

export interface ConnectionLimits {
  /** For one address other than this machine: four to each of the clients that it may have. */
  readonly connectionsPerAddress: number;
  readonly clientsPerAddress: number;
}

/** A display has its stream, and some more for the pictures that come and go. */
const CONNECTIONS_PER_CLIENT = 4;

/** Counts TCP connections of each address: one address must not take those that all others need. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #ofAddress = new Map<string, number>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
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
    if (isLoopback(address)) return connectionsPerAddress;
    return Math.min(connectionsPerAddress, CONNECTIONS_PER_CLIENT * clientsPerAddress);
  }
}
