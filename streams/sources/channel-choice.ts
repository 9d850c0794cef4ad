/** Which channels of a source are heard: an operator may change it while the source runs. */
export class ChannelChoice {
  #channels: readonly number[] | undefined;
  #isOperators = false;

  /** @param channels numbers from 1 on; all of them unless given */
  constructor(channels?: readonly number[]) {
    this.#channels = channels;
  }

  /** undefined: all. Another array after each change. */
  get channels(): readonly number[] | undefined {
    return this.#channels;
  }

  /**
   * Whether an operator has chosen them: sound that lacks one of them is then heard whole, and a person learns of it. What
   * the command line names must be there.
   */
  get isOperators(): boolean {
    return this.#isOperators;
  }

  /** How many channels of a device are needed, at least. */
  get least(): number {
    return Math.max(1, ...(this.#channels ?? []));
  }

  choose(channels: readonly number[] | undefined): void {
    this.#channels = channels?.slice();
    this.#isOperators = true;
  }
}
