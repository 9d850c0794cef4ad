import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import t, { type Test } from 'tap';
import { formulaModel } from '../../support/formula-model.ts';
import { indexGallery } from '../../../models/gallery/index.ts';
import { folderGallery, LiveShow, type LiveState } from '../../../src/live/index.ts';
import { sourceNamed } from '../../../src/cli/live/sources.ts';
import { DEFAULT_PROGRAM_SETTINGS, type ProgramSettings } from '../../../streams/program/index.ts';
import { chord, syntheticSource } from '../../../streams/sources/index.ts';
import { failure } from '../../models/rejection.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { formulaRecipe } from '../../support/recipes.ts';
import type { FragileSettings } from '../../support/fragile-model.ts';

const until = (states: Observable<LiveState>, is: (state: LiveState) => boolean) =>
  firstValueFrom(states.pipe(filter(is)));

async function start(
  t: Test,
  folder: string,
  model: FragileSettings = {},
  settings: Partial<ProgramSettings> = {},
) {
  const warnings: string[] = [];
  const show = await LiveShow.start({
    model: formulaRecipe(model),
    gallery: folderGallery({ folder, notice: (line) => warnings.push(line) }),
    source: syntheticSource(chord([261.63, 392], 0.5), { name: 'a chord' }),
    sourceNamed: (name) => sourceNamed(name, undefined, {}, () => undefined),
    modelNamed: (name) => formulaRecipe(name === 'broken' ? { refuses: true } : {}),
    settings,
    defaults: { ...DEFAULT_PROGRAM_SETTINGS, minimumDwellSeconds: 0.5, maximumDwellSeconds: 2 },
    hopSamples: 11_025,
    stateFile: join(folder, '.synesthete', 'show.json'),
    warn: (line) => warnings.push(line),
  });
  t.teardown(() => show.close());
  return { show, warnings };
}

t.test('a running show: controls, a picture that is deleted, a gallery that grows', async (t) => {
  const folder = t.testdir({});
  await formulaGallery(folder, grid(3), (i) => (i < 4 ? `low/p${i}.png` : `p${i}.png`));
  const { show, warnings } = await start(t, folder);
  const felt = await until(show.states, ({ cause }) => cause === 'mood');
  t.ok(felt.mood.valence > 0.55);
  t.match(show.status(), {
    source: { name: 'a chord', state: 'delivering' },
    pictures: { total: 9 },
    banks: ['low'],
  });

  await show.control({ control: 'hold', on: true });
  t.equal((await until(show.states, () => true)).show.state, 'hold');
  const { id } = (await until(show.states, () => true)).show.image!;
  const gone = show.gallery.catalogue.pictures.find(
    (picture) => picture.id !== id && picture.bank === '',
  )!.id;
  rmSync(show.gallery.filesOf(gone)!.rendition);
  await show.control({ control: 'pin', image: gone });
  await until(show.states, ({ show: { image } }) => image !== null && image.id !== gone);
  t.match(warnings, [/can't be read any more and is left out/]);
  await failure('USAGE', () => show.control({ control: 'pin', image: gone }));
  await failure('USAGE', () => show.control({ control: 'bank', bank: 'high' }));
  await failure('USAGE', () => show.control({ control: 'source', source: 'file:/etc/passwd' }));
  await failure('BAD_MODEL', () => show.control({ control: 'model', model: 'broken' }));

  await show.control({ control: 'source', source: 'demo' });
  t.equal(show.status().source.name, 'demo');
  await show.control({ control: 'model', model: 'another' });
  await formulaGalleryGrows(folder);
  await until(show.states, () => show.status().pictures.total === 10);
  t.equal(show.status().source.state, 'delivering');
});

async function formulaGalleryGrows(folder: string): Promise<void> {
  writeFileSync(join(folder, 'more.png'), readFileSync(join(folder, 'p8.png')));
  await indexGallery(folder, formulaModel(), {});
}

t.test('after an end without a word the same picture comes back, with bans and settings', async (t) => {
  const folder = t.testdir({});
  await formulaGallery(folder, grid(3));
  const file = join(folder, '.synesthete', 'show.json');
  const first = await start(t, folder);
  await until(first.show.states, ({ cause }) => cause === 'mood');
  await first.show.control({ control: 'ban', on: true });
  await first.show.control({ control: 'crossfade', seconds: 7 });
  await first.show.control({ control: 'hold', on: true });
  const image = first.show.program.screens[0]!.image!;
  const banned = [...first.show.program.bans][0]!;
  await until(first.show.states, () => {
    try {
      const saved = JSON.parse(readFileSync(file, 'utf8')) as { show: { hold: boolean; images: string[] } };
      return saved.show.hold && saved.show.images[0] === image;
    } catch {
      return false;
    }
  });
  const second = await start(t, folder);
  const state = await until(second.show.states, () => true);
  t.match(state.show, { state: 'hold', image: { id: image } });
  t.ok(second.show.program.bans.has(banned));
  t.equal(second.show.program.settings.crossfadeSeconds, 7);
  await Promise.all([first.show.close(), second.show.close()]);

  writeFileSync(file, '{"torn');
  const third = await start(t, folder);
  t.match(third.warnings, [/show\.json is damaged/]);
  t.not((await until(third.show.states, () => true)).show.image, null);
});

t.test('the analysis crashes again and again, and the show goes on', async (t) => {
  const folder = t.testdir({});
  await formulaGallery(folder, grid(3));
  const { show, warnings } = await start(t, folder, { ends: { how: 'crash', afterReadings: 5 + 2 } });
  await until(show.states, () => show.status().analysis.restarts >= 1);
  t.equal(show.status().source.state, 'delivering');
  await until(show.states, ({ cause }) => cause === 'mood' && show.status().analysis.restarts >= 1);
  t.ok(show.status().clips.lost >= 1);
  t.match(warnings[0], /started again, the show goes on/);
});

t.test('a picture that is deleted while it is on show is replaced, even in hold', async (t) => {
  const folder = t.testdir({});
  await formulaGallery(folder, grid(3));
  const { show, warnings } = await start(t, folder);
  await show.control({ control: 'hold', on: true });
  const image = (await until(show.states, ({ show: { image } }) => image !== null)).show.image!;
  rmSync(show.gallery.filesOf(image.id)!.rendition);
  const after = await until(show.states, ({ show }) => show.image?.id !== image.id);
  t.not(after.show.image, null);
  t.match(warnings, [/can't be read any more and is left out/]);
});

t.test('a bank that is not there, and an engine tried in vain, are told of at the start', async (t) => {
  const folder = t.testdir({});
  await formulaGallery(folder, grid(3), (i) => (i < 4 ? `low/p${i}.png` : `p${i}.png`));
  const { warnings } = await start(t, folder, { fallbacks: ['webgpu does not run here'] }, { bank: 'lwo' });
  t.same(warnings, [
    'webgpu does not run here',
    'all pictures are shown, for the bank lwo does not exist: the gallery has low',
  ]);
});
