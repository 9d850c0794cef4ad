import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SynestheteError } from '../../../models/errors.ts';
import { type CdcmlSettings } from '../../../models/families/on-encoders/index.ts';
import { readSettings } from '../../../models/training/end-to-end/index.ts';
import {
  chooseNested,
  clipBlocks,
  encodeFiles,
  pictureBlocks,
  embedClips,
  embedPictures,
  type NestedChoice,
  type Try,
} from '../../../models/training/on-encoders/index.ts';
import { makeFolder } from '../../../models/write-folder.ts';
import { writeWhole } from '../../../models/write-whole.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { reportSkipped } from '../terminal/skipped.ts';
import { figureWords } from './figure-words.ts';
import {
  changed,
  frozenSets,
  isParts,
  refuseFinished,
  settingsOf,
  stoppedAsUndefined,
  type FrozenCommandFlags,
} from './frozen.ts';
import { StageProgress, trainContext } from './session.ts';

const SIDES = [
  { side: 'picture', figures: 'image', title: 'pictures', blocks: pictureBlocks, read: embedPictures },
  { side: 'music', figures: 'music', title: 'music', blocks: clipBlocks, read: embedClips },
] as const;

interface NamedSettings {
  readonly name: string;
  readonly settings: CdcmlSettings;
}

/** What is written and, with --json, printed: for each branch on which the settings differ. */
type Choices = Partial<
  Record<(typeof SIDES)[number]['side'], NestedChoice & { readonly names: readonly string[] }>
>;

/**
 * `train --try`: which of several settings of the teachers nested folds choose, and the figures of that choice. Caches
 * what the teachers predict, so that the same command resumes. Writes choice.json into the folder.
 *
 * @param path JSON: names of settings, and what each of them changes
 * @param given settings of --settings and of flags, common to all
 * @throws SynestheteError USAGE, and those of `readManifest`, `embedPictures` and `chooseNested`
 */
export async function chooseCommand(
  path: string,
  flags: FrozenCommandFlags,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const tries = Object.entries(await readSettings(path)).map(([name, changes]): NamedSettings => {
    if (isParts(changes)) return { name, settings: settingsOf(changed(given, changes)) };
    throw new SynestheteError('USAGE', `${path}: "${name}" must be an object of settings`);
  });
  const differing = SIDES.map((of) => ({ ...of, tries: different(tries, of.side) })).filter(
    (of) => of.tries.length > 1,
  );
  if (differing.length === 0) {
    throw new SynestheteError(
      'USAGE',
      `${path} must name two settings or more that differ in "picture" or in "music"`,
    );
  }
  if (flags.overwrite !== true) await refuseFinished(flags.out, 'choice.json', 'a choice');
  const { splits, sets } = await frozenSets(flags);
  const context = await trainContext(flags, null);
  const { engine, cache } = context;
  const { signal } = context;
  const failed = new Map<string, SynestheteError>();
  const choices: Choices = {};
  const progress = new StageProgress();
  let files = 0;
  try {
    for (const { side, figures, title, blocks, read, tries: some } of differing) {
      files += sets[side === 'picture' ? 'images' : 'music'].flatMap(
        ({ manifest }) => manifest.entries,
      ).length;
      const examplesOf = async (settings: CdcmlSettings) => {
        const { picture, music } = settings;
        const encoded = await encodeFiles({
          ...context,
          pictures: picture.encoders,
          clips: music.encoders,
        });
        try {
          return await read({
            ...sets,
            splits,
            settings,
            files: encoded,
            skipBad: flags.skipBad === true,
            skipped: (error) => failed.set(error.message, error),
            signal,
            progress: ({ stage, done, total }) => {
              progress.show(stage, done, total);
            },
          });
        } finally {
          await encoded.close();
        }
      };
      const attempts = some.map(({ name, settings }): Try => ({
        name,
        settings: settings[side],
        blocks: blocks(settings),
        examples: () => examplesOf(settings),
      }));
      const choice = await stoppedAsUndefined(
        chooseNested(attempts, {
          engine,
          cache,
          name: figures,
          signal,
          progress: (done, total) => {
            progress.show(`teachers of ${title}`, done, total);
          },
        }),
        signal,
      );
      if (choice === undefined) {
        warn('interrupted; the same command resumes it');
        return;
      }
      choices[side] = { names: some.map(({ name }) => name), ...choice };
    }
  } finally {
    progress.end();
  }
  reportSkipped([...failed.values()], files);
  await write(flags.out, choices);
  await print(flags.json === true ? `${JSON.stringify(choices)}\n` : describe(choices));
}

/** The first of those that are the same on a branch. */
function different(tries: readonly NamedSettings[], side: 'picture' | 'music'): NamedSettings[] {
  return tries.filter(
    ({ settings }, i) =>
      tries.findIndex((other) => isDeepStrictEqual(other.settings[side], settings[side])) === i,
  );
}

async function write(folder: string, choices: Choices): Promise<void> {
  await makeFolder(folder);
  await writeWhole(join(folder, 'choice.json'), [Buffer.from(`${JSON.stringify(choices, null, 2)}\n`)]);
}

function describe(choices: Choices): string {
  return Object.entries(choices)
    .flatMap(([side, { names, tries, chosen, nested }]) => {
      const line = (name: string, figures: Readonly<Record<string, number>>): string =>
        `${name}: ${Object.entries(figures).map(([of, value]) => `${figureWords(of).words} ${value.toFixed(3)}`).join('; ')}\n`; // prettier-ignore
      return [
        `${side}, out of fold:\n`,
        ...names.map((name, i) => line(name, tries[i]!)),
        `chosen by the other folds, fold by fold: ${chosen.map((i) => names[i]!).join(', ')}\n`,
        line('what that choice comes to', nested),
      ];
    })
    .join('');
}
