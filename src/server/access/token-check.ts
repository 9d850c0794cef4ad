import { createHash, timingSafeEqual } from 'node:crypto';
import { SynestheteError } from '../../../models/errors.ts';
import { ByAddress } from './by-address.ts';
import { TokenBucket } from './rates.ts';

/** Shorter tokens can be guessed. */
const SHORTEST_TOKEN = 12;

/** Wrong tokens from one address: a burst, then one each so many seconds. */
const WRONG_TOKENS_BURST = 10;
const SECONDS_PER_WRONG_TOKEN = 6;

/** What is known of an address that has sent tokens. */
interface Guesser {
  readonly wrong: TokenBucket;
  lastWrong: Buffer | undefined;
  /** It has sent the right one. */
  knows: boolean;
}

/**
 * Compares tokens with the right one, for each address only so often: after too many wrong ones it refuses the next
 * unseen, so that a refusal says nothing about the token. Two exceptions keep consoles in use: an address that has sent
 * the right token may go on (anyone who guesses there is behind the same router), and repeats of the same wrong token,
 * as of a page with the token of an earlier show, are not counted, since they teach a guesser nothing.
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
    // Digests have one length, so that the comparison reveals nothing about the token, not even its length.
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

/** @throws SynestheteError USAGE for a token that is too short */
export function checkToken(token: string | undefined): void {
  if (token === undefined || token.length >= SHORTEST_TOKEN) return;
  throw new SynestheteError(
    'USAGE',
    `the control token is too short: give it ${SHORTEST_TOKEN} characters or more, or leave it out`,
  );
}
