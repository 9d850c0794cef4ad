import { createHash, timingSafeEqual } from 'node:crypto';
import { ByAddress } from './by-address.ts';
import { TokenBucket } from './rates.ts';

/** Wrong tokens from one address: so many at once, then one each so many seconds. */
const WRONG_TOKENS_BURST = 10;
const SECONDS_PER_WRONG_TOKEN = 6;

/** What is known of an address that gave tokens. */
interface Guesser {
  readonly wrong: TokenBucket;
  lastWrong: Buffer | undefined;
  /** It has given the right one. */
  knows: boolean;
}

/**
 * Compares tokens with the right one, for each address only so often: after too many wrong ones the next are refused
 * unseen, so that a refusal says nothing of the token. Two exceptions keep consoles in use: an address that has given the
 * right token is heard on (who guesses there is behind the same router), and a page that gives the same wrong one again
 * and again, as the token of an earlier show, learns nothing by it and is not counted.
 */
export class TokenCheck {
  readonly #right: Buffer;
  readonly #nowMs: () => number;
  readonly #guessers: ByAddress<Guesser>;

  constructor(token: string, nowMs: () => number) {
    this.#right = digest(token);
    this.#nowMs = nowMs;
    this.#guessers = new ByAddress(() => ({
      wrong: new TokenBucket(1 / SECONDS_PER_WRONG_TOKEN, WRONG_TOKENS_BURST, nowMs()),
      lastWrong: undefined,
      knows: false,
    }));
  }

  check(token: string, address: string): 'right' | 'wrong' | 'too-many' {
    const guesser = this.#guessers.of(address);
    const given = digest(token);
    if (guesser.lastWrong?.equals(given) === true) return 'wrong';
    const mayGuess = guesser.wrong.has(1, this.#nowMs());
    if (!mayGuess && !guesser.knows) return 'too-many';
    // Digests are of one length, so that the comparison tells nothing of the token, not even its own.
    if (timingSafeEqual(given, this.#right)) {
      guesser.knows = true;
      return 'right';
    }
    guesser.lastWrong = given;
    return guesser.wrong.take(1, this.#nowMs()) ? 'wrong' : 'too-many';
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
