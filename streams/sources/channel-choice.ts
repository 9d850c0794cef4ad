/** Which channels of a source are heard: an operator may change it while the source runs. */
export class ChannelChoice {
  #channels: readonly number[] | undefined;
  #mayLack = false;

  /** @param channels numbers from 1 on; all of them unless given */
  constructor(channels?: readonly number[]) {
    this.#channels = channels;
  }

  /** undefined: all. Another array after each change. */
  get channels(): readonly number[] | undefined {
    return this.#channels;
  }

  /**
   * Whether sound that lacks one of them is heard whole, and a person learns of it: once an operator has chosen them, or
   * sound was heard with them. What the command line names must be there at first.
   */
  get mayLack(): boolean {
    return this.#mayLack;
  }

  /** How many channels of a device are needed, at least. */
  get least(): number {
    return Math.max(1, ...(this.#channels ?? []));
  }

  choose(channels: readonly number[] | undefined): void {
    this.#channels = channels?.slice();
    this.#mayLack = true;
  }

  /** Sound came with them; what comes in its place later may have fewer. */
  wasHeard(): void {
    this.#mayLack = true;
  }
}
