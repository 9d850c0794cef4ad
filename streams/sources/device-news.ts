import { titleOf, type Device } from './devices/device.ts';
import type { Choice } from './devices/preferred.ts';
import type { Emit } from './run.ts';
import type { SourceStatus } from './source.ts';

/** Reports how a device source is doing; each report names the device that it is about. */
export class DeviceNews {
  readonly #emit: Emit;
  #state: SourceStatus['state'] | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get isDelivering(): boolean {
    return this.#state === 'delivering';
  }

  /**
   * @param first title of the device that was asked for
   * @param why it is this one now, as the end of a sentence
   * @param note of the backend
   */
  delivering({ rank, device }: Choice, first: string, why: string, note: string | undefined): void {
    const { rateHz, channels } = device;
    const format = rateHz === undefined ? '' : `, ${rateHz} Hz, ${channels ?? '?'} channels`;
    const meanwhile = rank === 0 ? '' : ` while ${first} is away`;
    const noted = note === undefined ? '' : ` (${note})`;
    this.tell('delivering', `hearing ${titleOf(device)}${format}${meanwhile}${why}${noted}`, device);
  }

  /** Once for each loss, however many attempts fail. */
  lost(device: Device, reason: string): void {
    if (this.#state === 'lost' || this.#state === 'retrying') return;
    this.tell('lost', `${titleOf(device)} is lost: ${reason}`, device);
  }

  tell(state: SourceStatus['state'], message: string, device: Device | undefined): void {
    this.#state = state;
    const { name, description } = device ?? {};
    const about = name === undefined || description === undefined ? {} : { device: { name, description } };
    this.#emit({ kind: 'status', state, message, ...about });
  }
}
