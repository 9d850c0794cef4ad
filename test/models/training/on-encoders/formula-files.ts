import {
  DEFAULT_CDCML_SETTINGS,
  type CdcmlSettings,
} from '../../../../models/families/on-encoders/settings.ts';
import type { Mood } from '../../../../models/model/index.ts';
import { Random } from '../../../../models/random.ts';
import { type ManifestLine } from '../../../../models/training/index.ts';
import type { EncodedFiles } from '../../../../models/training/on-encoders/encoded-files.ts';
import type { LabelledSet } from '../../../../models/training/on-encoders/examples.ts';
import { clipBlocks, pictureBlocks } from '../../../../models/training/on-encoders/branch.ts';

/** The smallest training that has all parts of the real one; encoders of one network and of none. */
export const TINY_CDCML: CdcmlSettings = {
  ...DEFAULT_CDCML_SETTINGS,
  picture: {
    ...DEFAULT_CDCML_SETTINGS.picture,
    encoders: ['open-nsfw'],
    components: 8,
    views: 1,
  },
  music: { ...DEFAULT_CDCML_SETTINGS.music, encoders: ['feature-statistics'], components: 8 },
  embedding: 16,
  moodHidden: [8],
  similarityHidden: [8, 4],
  batch: 10,
  stepsPerEpoch: 6,
  epochs: 3,
  decayEpochs: 2,
  learningRate: 0.01,
};

/** Spread over the unit square by two irrational steps. */
export function moodAt(index: number): Mood {
  return { valence: (0.1 + 0.618 * index) % 1, arousal: (0.3 + 0.755 * index) % 1 };
}

export function manifestLine(file: string, given: Partial<ManifestLine> = {}): ManifestLine {
  return {
    file,
    rating: undefined,
    split: undefined,
    startSeconds: undefined,
    endSeconds: undefined,
    id: undefined,
    columns: {},
    line: 2,
    ...given,
  };
}

export function labelledSet(name: string, entries: readonly ManifestLine[]): LabelledSet {
  return { name, terms: 'made by formula', manifest: { path: `${name}.csv`, entries, otherColumns: [] } };
}

/**
 * Features that are what a file's mood says and a little noise; no file is read. Names end with the index of their mood,
 * as `a lake 12.jpg`. What `failing` gives an error for can't be read.
 */
export class FormulaFiles implements EncodedFiles {
  readonly pictureWidths: readonly number[];
  readonly clipWidths: readonly number[];
  readonly failing: (file: string) => Error | undefined;
  /** How often a picture or a sound file was asked for. */
  asked = 0;

  constructor(settings: CdcmlSettings, failing: (file: string) => Error | undefined = () => undefined) {
    const width = (blocks: readonly { readonly width: number }[]) =>
      blocks.reduce((sum, block) => sum + block.width, 0);
    this.pictureWidths = [width(pictureBlocks(settings))];
    this.clipWidths = [width(clipBlocks(settings))];
    this.failing = failing;
  }

  async picture(file: string, view: number): Promise<Float32Array> {
    await this.#ask(file);
    return featuresOf(file, this.pictureWidths[0]!, `view ${view}`);
  }

  /** Two clips a stretch. */
  async clips(file: string, stretches: readonly unknown[]): Promise<Float32Array[][]> {
    await this.#ask(file);
    return stretches.map((_, s) =>
      [0, 1].map((clip) => featuresOf(file, this.clipWidths[0]!, `clip ${2 * s + clip}`)),
    );
  }

  async #ask(file: string): Promise<void> {
    this.asked++;
    // The later a file is asked for, the sooner it may be done.
    for (let wait = this.asked % 3; wait < 3; wait++) await Promise.resolve();
    const error = this.failing(file);
    if (error !== undefined) throw error;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function featuresOf(file: string, width: number, part: string): Float32Array {
  const { valence, arousal } = moodAt(Number(/(\d+)\.\w+$/.exec(file)![1]));
  const own = Random.seeded(1, `${file} ${part}`);
  return Float32Array.from(
    { length: width },
    (_, c) => valence * Math.sin(c + 1) + arousal * Math.cos(2 * c) + 0.1 * (own.real() - 0.5),
  );
}
