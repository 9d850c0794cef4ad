import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, map, lastValueFrom, throwError, type Observable } from 'rxjs';
import t, { type Test } from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { indexGallery } from '../../../models/gallery/index.ts';
import { liveSources } from '../../../src/cli/live/sources.ts';
import { LiveShow, type LiveShowOptions } from '../../../src/live/index.ts';
import { folderGallery, type LiveState } from '../../../src/show/index.ts';
import { DEFAULT_PROGRAM_SETTINGS, type ProgramSettings } from '../../../streams/program/index.ts';
import {
  ChannelChoice,
  chord,
  SoundFeed,
  syntheticSource,
  type Source,
} from '../../../streams/sources/index.ts';
import { failure } from '../../models/rejection.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { formulaModel } from '../../support/formula-model.ts';
import type { FragileSettings } from '../../support/fragile-model.ts';
import { formulaRecipe } from '../../support/recipes.ts';

const until = (states: Observable<LiveState>, is: (state: LiveState) => boolean) =>
  firstValueFrom(states.pipe(filter(is)));

/** A device that is not there. */
const away: Source = {
  name: 'mixer',
  kind: 'device',
  events: throwError(() => new SynestheteError('DEVICE_NOT_FOUND', 'there is no mixer')),
};

/** Sound of two channels. */
function stereo(channels?: readonly number[]): Source {
  const source = syntheticSource(chord([261.63, 392], 0.5), { name: 'stereo' });
  const level = { rms: 0.1, peak: 0.2, heard: true };
  return {
    ...source,
    choice: new ChannelChoice(channels),
    events: source.events.pipe(
      map((event) => (event.kind === 'block' ? { ...event, channels: [level, level] } : event)),
    ),
  };
}

function sourceNamed(name: string): Source {
  if (name === 'stereo') return stereo();
  if (name === 'a chord') return syntheticSource(chord([261.63, 392], 0.5), { name });
  if (name === 'mixer') return away;
  return liveSources(undefined, { demo: true }, new SoundFeed('browser')).named(name);
}

async function start(
  t: Test,
  folder: string,
  model: FragileSettings = {},
  settings: Partial<ProgramSettings> = {},
  change: Partial<LiveShowOptions> = {},
) {
  const warnings: string[] = [];
  const show = await LiveShow.start({
    models: ['built-in', 'other', 'broken'],
    gallery: folderGallery({ folder, notice: (line) => warnings.push(line) }),
    source: 'a chord',
    sourceNamed,
    modelNamed: (name) =>
      formulaRecipe(name === 'built-in' ? model : name === 'broken' ? { refuses: true } : {}),
    settings,
    defaults: { ...DEFAULT_PROGRAM_SETTINGS, minimumDwellSeconds: 0.5, maximumDwellSeconds: 2 },
    hopSamples: 11_025,
    stateFile: join(folder, '.synesthete', 'show.json'),
    warn: (line) => warnings.push(line),
    ...change,
  });
  t.teardown(() => show.close());
  return { show, warnings };
}

t.test('a running show: controls, a picture that is deleted, a gallery that grows', async (t) => {
  const folder = emptyFolder(t);
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
  await show.control({ control: 'model', model: 'other' });
  t.match(show.status(), { models: ['built-in', 'other', 'broken'], modelName: 'other' });
  await formulaGalleryGrows(folder);
  await until(show.states, () => show.status().pictures.total === 10);
  // The demo's sound is decoded by a program that takes its time to start.
  await until(show.states, () => show.status().source.state === 'delivering');
  t.match(show.status().source, { name: 'demo', state: 'delivering' });
});

async function formulaGalleryGrows(folder: string): Promise<void> {
  writeFileSync(join(folder, 'more.png'), readFileSync(join(folder, 'p8.png')));
  await indexGallery(folder, formulaModel(), {});
}

t.test('after an end without a word the same picture comes back, with bans and settings', async (t) => {
  const folder = emptyFolder(t);
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

t.test('a show that ended in blackout begins in it, and says so', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const first = await start(t, folder);
  await first.show.control({ control: 'blackout', on: true });
  await savedAs(first.show, folder, ({ show }) => show.blackout);
  await first.show.close();
  t.strictSame(first.warnings, []);
  const second = await start(t, folder);
  t.match(second.warnings, [/^the show begins in blackout, .*B in the console/]);
  t.equal(second.warnings.length, 1);
  t.equal((await until(second.show.states, () => true)).show.state, 'blackout');
});

t.test('the analysis crashes again and again, and the show goes on', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(3));
  const { show, warnings } = await start(t, folder, { ends: { how: 'crash', afterReadings: 5 + 2 } });
  await until(show.states, () => show.status().analysis.restarts >= 1);
  t.equal(show.status().source.state, 'delivering');
  await until(show.states, ({ cause }) => cause === 'mood' && show.status().analysis.restarts >= 1);
  t.ok(show.status().clips.lost >= 1);
  t.match(warnings[0], /analysis restarts, the show goes on/);
});

t.test('a picture that is deleted while it is on show is replaced, even in hold', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(3));
  const { show, warnings } = await start(t, folder);
  await show.control({ control: 'hold', on: true });
  const image = (await until(show.states, ({ show: { image } }) => image !== null)).show.image!;
  rmSync(show.gallery.filesOf(image.id)!.rendition);
  const after = await until(show.states, ({ show }) => show.image?.id !== image.id);
  t.not(after.show.image, null);
  t.match(warnings, [/can't be read any more and is left out/]);
});

t.test('a bank that is not there, and an engine tried in vain, are reported at the start', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(3), (i) => (i < 4 ? `low/p${i}.png` : `p${i}.png`));
  const { warnings } = await start(t, folder, { fallbacks: ['webgpu does not run here'] }, { bank: 'lwo' });
  t.same(warnings, [
    'webgpu does not run here',
    'all pictures are shown, for the bank lwo does not exist: the gallery has low',
  ]);
});

/** The state file, once what it holds is as wanted. */
async function savedAs(show: LiveShow, folder: string, isWanted: (saved: Saved) => boolean): Promise<void> {
  await until(show.states, () => {
    try {
      return isWanted(JSON.parse(readFileSync(join(folder, '.synesthete', 'show.json'), 'utf8')) as Saved);
    } catch {
      return false;
    }
  });
}

interface Saved {
  readonly show: { readonly bans: readonly string[]; readonly blackout: boolean };
  readonly chosen: { readonly source: string; readonly model: string };
}

t.test('a source that is not there ends no show that has begun', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(3));
  const failing = await start(t, folder, {}, {}, { source: 'mixer' });
  await failure('DEVICE_NOT_FOUND', () => lastValueFrom(failing.show.states));
  await failing.show.close();
  t.notOk(existsSync(join(folder, '.synesthete', 'show.json')), 'nor is there a run to be resumed');

  const first = await start(t, folder);
  await until(first.show.states, ({ cause }) => cause === 'mood');
  await first.show.control({ control: 'source', source: 'mixer' });
  t.match(first.show.status().source, {
    name: 'mixer',
    state: 'lost',
    message: /no mixer \(tried again in 1 s/,
  });
  t.match(first.warnings, [/there is no mixer/]);
  await savedAs(first.show, folder, ({ chosen }) => chosen.source === 'mixer');
  await first.show.close();

  const second = await start(t, folder);
  t.match(second.show.status().source, { name: 'mixer', state: 'lost' }, 'it is looked for in the next run');
  await second.show.control({ control: 'source', source: 'a chord' });
  await until(second.show.states, ({ cause }) => cause === 'mood');
  await second.show.close();

  const third = await start(t, folder, {}, {}, { source: 'demo' });
  t.equal(third.show.status().source.name, 'demo', 'another command line goes before it');
});

t.test('the model that was switched to comes back, and two switches at once come one by one', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(3));
  const open: string[] = [];
  const gallery = folderGallery({ folder, notice: () => undefined });
  const slowly: LiveShowOptions['gallery'] = {
    async open(model) {
      open.push('begin');
      const opened = await gallery.open(model);
      await new Promise((resolve) => setTimeout(resolve, 100));
      open.push('end');
      return opened;
    },
  };
  const first = await start(t, folder, {}, {}, { gallery: slowly });
  t.equal(first.show.status().modelName, 'built-in');
  await Promise.all(
    ['other', 'built-in', 'other'].map((model) => first.show.control({ control: 'model', model })),
  );
  t.strictSame(open, ['begin', 'end', 'begin', 'end', 'begin', 'end', 'begin', 'end']);
  await savedAs(first.show, folder, ({ chosen }) => chosen.model === 'other');
  await first.show.close();

  const second = await start(t, folder);
  t.equal(second.show.status().modelName, 'other');
  await second.show.close();
  const broken: Partial<LiveShowOptions> = {
    modelNamed: (name) => formulaRecipe(name === 'other' ? { refuses: true } : {}),
  };
  const third = await start(t, folder, {}, {}, broken);
  t.equal(third.show.status().modelName, 'built-in');
  t.match(third.warnings, [
    /begins with built-in, for other of the last run can't be opened: a model that refuses/,
  ]);
  await third.show.close();
  const fourth = await start(t, folder, {}, {}, { models: ['built-in', 'other'] });
  t.equal(fourth.show.status().modelName, 'built-in', 'another command line goes before it');
});

t.test('a gallery that is emptied while the show runs stays as it was', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const { show, warnings } = await start(t, folder);
  const changed = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (warnings.length === 0) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
  for (let i = 0; i < 4; i++) rmSync(join(folder, `p00${i}.png`));
  await indexGallery(folder, formulaModel(), {});
  await changed;
  t.match(warnings, [/^the gallery is empty now/]);
  t.equal(show.status().pictures.total, 4);
  t.not((await until(show.states, () => true)).show.image, null);
});

t.test('a gallery without a picture tells the mood all the same, and what is missing', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, []);
  const { show, warnings } = await start(t, folder);
  const { mood, show: onShow } = await until(show.states, ({ cause }) => cause === 'mood');
  t.ok(mood.confidence > 0);
  t.equal(onShow.image, null);
  t.equal(show.status().clips.lost, 0);
  t.match(warnings, [
    /^the gallery holds no picture that may be shown: put some into its folder and index it/,
  ]);
});

t.test('when the last picture is banned one line says why none is shown', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const first = await start(t, folder);
  const ids = first.show.gallery.catalogue.pictures.map(({ id }) => id);
  for (const image of ids) await first.show.control({ control: 'ban', image, on: true });
  const told = /^the gallery holds no picture that may be shown: 4 of 4 are banned/;
  await until(first.show.states, ({ cause }) => cause === 'mood');
  t.match(first.warnings, [told]);
  t.equal(first.warnings.length, 1);
  await savedAs(first.show, folder, ({ show }) => show.bans.length === 4);
  await first.show.close();
  const second = await start(t, folder);
  t.match(second.warnings, [told], 'and at the next start');
});

t.test('moods by hand: a running show follows them, and what changes them is undone', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(3), (i) => (i < 4 ? `low/p${i}.png` : `p${i}.png`));
  const { show, warnings } = await start(t, folder);
  const path = join(folder, 'moods.csv');
  const text = () => readFileSync(path, 'utf8');
  const { mood } = await until(show.states, ({ cause }) => cause === 'mood');
  const { catalogue } = show.gallery;
  const { revision } = show.status().pictures;
  const { id, valence, arousal } = catalogue.pictures.find((picture) => picture.valence < 0.1)!;
  const name = show.gallery.filesOf(id)!.name;

  await show.control({ control: 'mood', image: id, valence: mood.valence, arousal: mood.arousal });
  t.equal(text(), `file,valence,arousal\n${name},${mood.valence},${mood.arousal}\n`);
  const moved = show.program.catalogue.pictures[catalogue.indexOf.get(id)!]!;
  t.match(
    moved,
    { id, corrected: { prediction: { valence, arousal } } },
    'the program has it with the reply',
  );
  t.not(show.status().pictures.revision, revision);
  t.match(show.status().moods, { byHand: 1, canUndo: true, canRedo: false, faultCount: 0 });
  t.equal(show.program.match?.candidates.length, 9);
  await until(show.states, ({ candidates }) => candidates[0]?.id === id);

  await show.control({ control: 'mood-undo' });
  t.notOk(existsSync(path));
  t.match(show.status().moods, { byHand: 0, canUndo: false, canRedo: true });
  await show.control({ control: 'model', model: 'other' });
  await show.control({ control: 'mood-redo' });
  t.match(show.status().moods, { byHand: 1 }, 'under another model too');
  await failure('USAGE', () => show.control({ control: 'mood-redo' }));
  await failure('USAGE', () => show.control({ control: 'mood', image: '../x', valence: 0, arousal: 0 }));

  writeFileSync(path, `file,valence,arousal\nlow/p0.png,0.5,0.5\nnone.png,1,1\n`);
  await until(show.states, () => show.status().moods?.faultCount === 1);
  t.match(show.status().moods, { byHand: 1, faults: [/^moods\.csv, line 3: there is no picture none\.png/] });
  t.match(warnings, [/line 3: there is no picture none\.png/]);
  t.match(await failure('USAGE', () => show.control({ control: 'mood-undo' })), /by somebody else/);

  const broken = 'file,valence,arousal\n"low/p0.png,0.5,0.5\n';
  writeFileSync(path, broken);
  await until(show.states, () => warnings.length === 2);
  t.match(warnings[1], /moods\.csv, line 2 opens a quote that is never closed/);
  t.match(show.status().moods, { byHand: 1 }, 'what counted goes on');
  await failure('BAD_TABLE', () => show.control({ control: 'mood', image: id, valence: 0, arousal: 0 }));
  await failure('BAD_TABLE', () => show.moodsByHand.csv());
  const theirs = Buffer.from('file,valence,arousal\nlow/p1.png,,1\n');
  await failure('BAD_TABLE', () => show.moodsByHand.replace(theirs));
  t.equal(text(), broken, 'a table that is not understood is never written');
  rmSync(path);
  await until(show.states, () => show.status().moods?.byHand === 0);
  await show.moodsByHand.replace(theirs);
  t.equal(await show.moodsByHand.csv(), theirs.toString());
  t.match(show.status().moods, { byHand: 1, faultCount: 0 });
  const prediction = show.gallery.catalogue.pictures.find((picture) => picture.corrected !== undefined)!;
  t.equal(prediction.arousal, 1);
  t.equal(
    prediction.valence,
    prediction.corrected!.prediction.valence,
    'an axis that is left out is the model’s',
  );
  t.not((await until(show.states, () => true)).show.image, null, 'the show went on');
});

t.test('what is hidden and allowed by hand: a running show follows it, and it is undone', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const { show, warnings } = await start(t, folder);
  await until(show.states, ({ cause }) => cause === 'mood');
  const text = () => readFileSync(join(folder, '.synesthete', 'hidden'), 'utf8');
  const onShow = () => show.program.screens[0]!.image!;
  const counts = () => show.status().keptOut;
  t.match(counts(), { marked: 0, hidden: 0, allowed: 0, canUndo: false, canRedo: false });

  await show.control({ control: 'hold', on: true });
  const first = onShow();
  await show.control({ control: 'hide', on: true });
  t.not(onShow(), first, 'the picture on show goes with the reply, even in hold');
  t.match(text(), new RegExp(`^[0-9a-f]{64}  ${show.gallery.filesOf(first)!.name}\\n$`));
  t.match(counts(), { hidden: 1, canUndo: true });
  t.match(show.gallery.judged.hidden, [{ id: first }]);
  t.equal(show.program.allowed.length, 3);
  t.match(await failure('USAGE', () => show.control({ control: 'pin', image: first })), /is hidden by hand/);
  await show.control({ control: 'allow', image: first, on: true });
  t.equal(show.program.allowed.length, 3, 'what is hidden is hidden, whatever allows it');
  t.match(counts(), { hidden: 1, allowed: 0 });

  await indexGallery(folder, formulaModel(), {});
  t.match(counts(), { hidden: 1 }, 'kept over another run of the index');
  await show.control({ control: 'list-undo' });
  await show.control({ control: 'list-undo' });
  t.equal(text(), '');
  t.equal(show.program.allowed.length, 4);
  await show.control({ control: 'list-redo' });
  await show.control({ control: 'hide', image: first, on: false });
  t.match(counts(), { hidden: 0, canUndo: true, canRedo: false });
  await failure('USAGE', () => show.control({ control: 'hide', image: '../x', on: true }));

  for (const { id } of show.gallery.catalogue.pictures)
    await show.control({ control: 'hide', image: id, on: true });
  t.match(warnings.at(-1), /4 of 4 are hidden by hand \(the console/);
});

t.test('a picture that is marked is shown at once when it is allowed', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const gallery = folderGallery({ folder, unsafeThreshold: 0.05, notice: () => undefined });
  const { show } = await start(t, folder, {}, {}, { gallery });
  const marked = show.gallery.judged.marked.map(({ id }) => id);
  t.equal(marked.length, 4);
  t.equal(show.program.screens[0]!.image, null);
  const scores = show.gallery.judged.marked.map(({ unsafe }) => unsafe);
  t.strictSame(
    scores,
    [...scores].sort((a, b) => b - a),
    'the most unsafe first',
  );
  await show.control({ control: 'allow', image: marked[2]!, on: true });
  t.equal(show.program.screens[0]!.image, marked[2]);
  t.match(show.status().keptOut, { marked: 3, allowed: 1 });
});

t.test('a show that is closed closes its gallery', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  let closed = 0;
  const provider = folderGallery({ folder, notice: () => undefined });
  const gallery = {
    open: provider.open.bind(provider),
    close() {
      closed += 1;
      provider.close?.();
    },
  };
  const { show } = await start(t, folder, {}, {}, { gallery });
  t.equal(closed, 0);
  await show.close();
  t.equal(closed, 1);
});

t.test('channels are chosen while the show runs, and stay chosen in the next run', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2));
  const first = await start(t, folder, {}, {}, { source: 'stereo' });
  const chosen = ({ show }: typeof first) => show.status().source.chosenChannels;
  await until(first.show.states, () => first.show.status().source.channels.length === 2);
  t.equal(chosen(first), null);
  await first.show.control({ control: 'channels', channels: [2, 1, 2] });
  t.strictSame(chosen(first), [1, 2]);
  t.match(
    await failure('USAGE', () => first.show.control({ control: 'channels', channels: [3] })),
    /^stereo has no channel 3: choose from 1 to 2$/,
  );
  await first.show.control({ control: 'channels', channels: [2] });
  const file = join(folder, '.synesthete', 'show.json');
  await until(
    first.show.states,
    () => existsSync(file) && readFileSync(file, 'utf8').includes('"channels":[2]'),
  );
  await first.show.close();

  const second = await start(t, folder, {}, {}, { source: 'stereo' });
  t.strictSame(chosen(second), [2]);
  await second.show.control({ control: 'source', source: 'a chord' });
  t.equal(chosen(second), undefined);
  t.match(
    await failure('USAGE', () => second.show.control({ control: 'channels', channels: null })),
    /^a chord has no channels to choose from/,
  );
  await second.show.control({ control: 'source', source: 'stereo' });
  t.equal(chosen(second), null, 'numbers of channels belong to one choice of a source');
  await second.show.close();

  const named = { source: 'stereo', channels: [1], sourceNamed: () => stereo([1]) };
  const third = await start(t, folder, {}, {}, named);
  t.strictSame(chosen(third), [1], 'what the command line names now comes first');
});
