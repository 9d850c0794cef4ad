/** A process that reads damaged files as the program does, one for each message, and answers how that went. */
import { dirname } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { openEngine } from '../../models/engine/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import { openModel } from '../../models/families/index.ts';
import { openGallery } from '../../models/gallery/index.ts';
import { PreviousIndex } from '../../models/gallery/previous-index.ts';
import { openPicture, squash } from '../../models/pictures/index.ts';
import { readSafetensors } from '../../models/weights/index.ts';
import { readSavedShow } from '../../src/live/state-file.ts';
import { fileSource, probeFile } from '../../streams/sources/index.ts';
import { formulaModel } from '../support/formula-model.ts';
import type { Kind } from './samples.ts';

export interface Task {
  readonly kind: Kind;
  /** The damaged file. */
  readonly path: string;
}

export interface Answer {
  /** `read`: well, as far as that goes. A code: refused as the program refuses. */
  readonly outcome: string;
  readonly message: string;
  /** Set for an error that no person should meet. */
  readonly stack?: string | undefined;
  readonly memoryBytes: number;
}

const READERS: Readonly<Record<Kind, (path: string) => Promise<void>>> = {
  async audio(path) {
    await probeFile(path);
    const events = fileSource(path, { badSamples: 'silence' }).events;
    await lastValueFrom(events, { defaultValue: undefined });
  },
  async picture(path) {
    await squash(await openPicture(path), { width: 224, height: 224 });
  },
  async index(path) {
    const folder = dirname(path);
    const previous = await PreviousIndex.open(path);
    await previous.close();
    const gallery = await openGallery(folder, { model: formulaModel(), indexFolder: folder });
    const { snapshot } = gallery;
    for (let row = 0; row < snapshot.count; row++) snapshot.pictureOf(snapshot.picture(row).id);
    gallery.close();
  },
  async state(path) {
    await readSavedShow(path, () => undefined);
  },
  async model(path) {
    const engine = await openEngine('cpu', { threads: 1 });
    const architectures = {
      formula: () =>
        Promise.resolve(async (folder: string) => {
          await readSafetensors(`${folder}/weights.safetensors`);
          return formulaModel();
        }),
    };
    const model = await openModel(dirname(path), { engine, architectures });
    await model.close();
  },
};

process.on('message', ({ kind, path }: Task) => {
  void answerOf(kind, path).then((answer) => process.send!(answer));
});
process.send!('ready');
process.on('disconnect', () => process.exit());

async function answerOf(kind: Kind, path: string): Promise<Answer> {
  const memoryBytes = () => process.memoryUsage.rss();
  try {
    await READERS[kind](path);
    return { outcome: 'read', message: '', memoryBytes: memoryBytes() };
  } catch (error) {
    if (error instanceof SynestheteError) {
      return { outcome: error.code, message: error.message, memoryBytes: memoryBytes() };
    }
    const { message = String(error), stack } = (error ?? {}) as Partial<Error>;
    return { outcome: 'UNEXPECTED', message, stack: stack ?? message, memoryBytes: memoryBytes() };
  }
}
