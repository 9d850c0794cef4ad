import { SynestheteError } from '../../../models/errors.ts';
import { readPairs, SPLITS, type Released, type ReleasedLists } from '../../../models/training/index.ts';

/** Above this root mean square of their differences, ratings and lists don't come from the same source. */
const MOST_RMS = 0.02;

/**
 * Reads IMEMNet's lists of train, val and test.
 * @throws SynestheteError USAGE, and those of `readPairs`
 */
export async function readReleased(
  paths: readonly string[],
  drawn: { readonly seed?: number; readonly keepTogether?: string },
): Promise<ReleasedLists> {
  if (paths.length !== SPLITS.length) {
    throw new SynestheteError(
      'USAGE',
      `--released takes three lists, of train, val and test in this order, not ${paths.length}`,
    );
  }
  if (drawn.seed !== undefined || drawn.keepTogether !== undefined) {
    throw new SynestheteError(
      'USAGE',
      'released lists draw nothing: leave out --seed and --keep-together, or --released',
    );
  }
  const lists = await Promise.all(paths.map(async (path) => ({ path, pairs: await readPairs(path) })));
  const [train, val, test] = lists;
  return { train: train!, val: val!, test: test! };
}

/** What imemnet.json says of a release. */
export function detailsOf({
  firstNumber,
  alignments,
  leftOut,
}: Released): Pick<Released, 'firstNumber' | 'alignments' | 'leftOut'> {
  return { firstNumber, alignments, leftOut };
}

/** What a person should know about how lists and manifests go together. */
export function linesOf({ firstNumber, alignments, leftOut }: Released): string[] {
  const [taken, ...others] = alignments;
  const { startSeconds, rms, sigma } = taken!;
  const tried = others.map((other) => `${other.startSeconds} s: ${other.rms.toFixed(4)}`).join(', ');
  const lines = [
    `clip ${firstNumber} of the lists is taken to start at ${startSeconds} s, where their similarities differ least from exp(−d/${sigma.toFixed(4)}) of the ratings: by ${rms.toFixed(4)} (root mean square; ${tried})`,
  ];
  if (rms > MOST_RMS) {
    lines.push(
      `a difference of ${rms.toFixed(4)} is more than rounding: the ratings are others than the lists were made of, or clips start elsewhere (try dataset deam --from 16)`,
    );
  }
  for (const split of SPLITS) {
    const { unknown, ofOtherSplits } = leftOut[split];
    if (unknown > 0)
      lines.push(`${split}: left out ${unknown} pairs whose picture or clip is in no manifest`);
    if (ofOtherSplits > 0)
      lines.push(
        `${split}: left out ${ofOtherSplits} pairs whose song or picture is in the list of another split as well`,
      );
  }
  return lines;
}
