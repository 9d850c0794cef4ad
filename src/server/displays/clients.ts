import { isOfThisMachine, type Peer } from '../access/index.ts';
import type { Limits } from '../limits.ts';
import { ClientFault } from '../protocol/index.ts';
import type { DisplayInfo } from './display.ts';

/** Everyone who is connected, by any protocol. */
export class Clients {
  readonly #limits: Limits;
  readonly #clients = new Map<string, DisplayInfo>();
  readonly #ofAddress = new Map<string, number>();
  #made = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#clients.size;
  }

  countOf(transport: DisplayInfo['transport']): number {
    let count = 0;
    for (const client of this.#clients.values()) if (client.transport === transport) count++;
    return count;
  }

  /** All of them, the oldest first. */
  list(): DisplayInfo[] {
    return [...this.#clients.values()];
  }

  /** @throws ClientFault unavailable where there are too many, in all or of this address */
  checkRoom(peer: Peer): void {
    const { clients, clientsPerAddress } = this.#limits;
    if (this.#clients.size >= clients) {
      throw new ClientFault('unavailable', `there are ${clients} clients already`);
    }
    if (!isOfThisMachine(peer) && (this.#ofAddress.get(peer.address) ?? 0) >= clientsPerAddress) {
      throw new ClientFault('unavailable', `there are ${clientsPerAddress} clients of this address already`);
    }
  }

  add(transport: DisplayInfo['transport'], peer: Peer, control: boolean): DisplayInfo {
    const info: DisplayInfo = {
      id: String(++this.#made),
      transport,
      address: peer.address,
      proxied: peer.proxied,
      connectedAt: new Date().toISOString(),
      name: null,
      group: transport === 'sound' ? null : 'main',
      role: transport === 'sound' ? null : 'display',
      control,
      skipped: 0,
    };
    this.#clients.set(info.id, info);
    this.#ofAddress.set(info.address, (this.#ofAddress.get(info.address) ?? 0) + 1);
    return info;
  }

  remove({ id, address }: DisplayInfo): void {
    if (!this.#clients.delete(id)) return;
    const left = (this.#ofAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
  }
}
