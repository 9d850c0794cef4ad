import { NEVER, of, Subject } from 'rxjs';
import t from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { createFeatureExtractor } from '../../../models/features/index.ts';
import { PLAIN_ATTENTION } from '../../../models/model/index.ts';
import { rank, type RankedPictures, type RankRequest } from '../../../models/ranking/index.ts';
import { LiveCounters } from '../../../src/live/counters.ts';
import { liveShow, type ControlRequest } from '../../../src/live/live.ts';
import type { LiveState, ShowGallery, ShowStep } from '../../../src/show/index.ts';
import type { Clip } from '../../../streams/clips/index.ts';
import type { Night } from '../../../streams/matching/index.ts';
import { catalogueOf, DEFAULT_PROGRAM_SETTINGS, initialState } from '../../../streams/program/index.ts';
import { chord, syntheticSource, type Source } from '../../../streams/sources/index.ts';
import { grid } from '../../support/formula-gallery.ts';
import { formulaModel, formulaReading } from '../../support/formula-model.ts';
import { NOTHING_JUDGED } from '../../support/nothing-judged.ts';

const RATE = 22_050;
const GLAD_EXCITED = chord([261.63, 392], 0.5);
const SAD_CALM = chord([329.63], 0.5);

const MUSIC = { mean: { valence: 0.5, arousal: 0.5 }, sd: { valence: 0.2, arousal: 0.2 } };
const FACTS = {
  folder: '',
  engine: '',
  fallbacks: [],
  ranking: 'plane',
  width: 4,
  music: MUSIC,
  attention: PLAIN_ATTENTION,
} as const;

function gallery(side: number): ShowGallery {
  const { ranking } = formulaModel();
  const points = grid(side);
  const vectors = new Float32Array(points.length * ranking.width);
  points.forEach(([valence, arousal], i) => {
    vectors.set(ranking.pictureVector(formulaReading(valence, arousal)), i * ranking.width);
  });
  const pictures = points.map(([valence, arousal], i) => ({
    id: `p${i}`,
    bank: '',
    unsafe: false,
    valence,
    arousal,
  }));
  return {
    catalogue: catalogueOf(pictures),
    pictures: { count: points.length, vectors, moods: Float32Array.from(points.flat()) },
    filesOf: () => undefined,
    judged: NOTHING_JUDGED,
  };
}

/** The analysis in this thread, which can be asked to fail. */
async function analysis(loses: (clip: number) => boolean = () => false) {
  const extractor = await createFeatureExtractor();
  const model = formulaModel();
  let pictures: Omit<RankedPictures, 'neighbours'> = gallery(2).pictures;
  let clips = 0;
  return {
    model: { ...FACTS, fingerprint: model.fingerprint },
    async analyse(clip: Clip) {
      if (loses(clips++)) throw new SynestheteError('ANALYSIS_LOST', 'the thread crashed');
      const features = extractor.extract(clip.samples);
      const { samples, before } = clip;
      const [prediction] = await model.embedClips([{ samples, before, features }]);
      return { clip, features: undefined, prediction, model: model.fingerprint, rms: 0.1, elapsedMs: 1 };
    },
    match: (request: RankRequest) => Promise.resolve(rank(model.ranking, pictures, request)),
    setPictures: (others: RankedPictures) => {
      pictures = others;
    },
  };
}

/** Plays sound to a show as fast as it goes, on the sound's own clock. */
async function played(
  source: Source,
  options: {
    readonly shown?: ShowGallery;
    readonly loses?: (clip: number) => boolean;
    readonly onStep?: (
      step: ShowStep,
      requests: Subject<ControlRequest>,
      galleries: Subject<ShowGallery>,
    ) => void;
  } = {},
) {
  const shown = options.shown ?? gallery(6);
  const thread = await analysis(options.loses);
  thread.setPictures(shown.pictures);
  const states: LiveState[] = [];
  const nights: Night[] = [];
  const counters = new LiveCounters();
  const requests = new Subject<ControlRequest>();
  const galleries = new Subject<ShowGallery>();
  let heardSeconds = 0;
  await new Promise<void>((resolve, reject) => {
    const subscription = liveShow({
      sources: of(source),
      analysis: thread,
      galleries,
      requests,
      failsWithFirstSource: true,
      pictureNews: NEVER,
      ticks: NEVER,
      hopSamples: RATE / 2,
      nowSeconds: () => heardSeconds,
      initial: initialState(
        { ...DEFAULT_PROGRAM_SETTINGS, screens: 1, minimumDwellSeconds: 1, smoothingSeconds: 1 },
        shown.catalogue,
      ),
      night: undefined,
      counters,
      onNight: (night) => nights.push(night),
      onSource: (event) => {
        if (event.kind === 'block') heardSeconds = (event.startSample + event.samples.length) / RATE;
        if (event.kind === 'status' && event.state === 'ended') {
          // What is under way is done within the turns of the event loop that follow.
          setTimeout(() => {
            subscription.unsubscribe();
            resolve();
          }, 50);
        }
      },
      onStep: (step) => options.onStep?.(step, requests, galleries),
    }).subscribe({ next: (state) => states.push(state), error: reject });
  });
  return { states, counters, nights };
}

/** At a pace that leaves the analysis time, so that nothing is dropped. */
const sound = (signal: (n: number) => number, seconds: number) =>
  syntheticSource(signal, { lengthSamples: seconds * RATE, pace: 20 });

t.test('source to displays: the state is whole, and pictures follow the music', async (t) => {
  const { states, counters, nights } = await played(
    sound((n) => (n < 8 * RATE ? GLAD_EXCITED(n) : SAD_CALM(n)), 16),
  );
  const at = (seconds: number) => states.findLast(({ time }) => time <= seconds)!;
  const glad = at(8);
  t.ok(glad.mood.valence > 0.55 && glad.mood.arousal > 0.55, 'two tones share the chroma');
  t.ok(glad.mood.confidence > 0.5);
  t.equal(glad.show.state, 'live');
  const moodOf = (id: string) => grid(6)[Number(id.slice(1))]!;
  t.ok(
    moodOf(glad.show.image!.id).every((value) => value >= 0.6),
    'a glad and excited picture',
  );
  const sad = at(16);
  t.ok(
    moodOf(sad.show.image!.id).every((value) => value <= 0.4),
    'then a sad and calm one',
  );
  const night = nights.at(-1)!;
  t.equal(night.model, formulaModel().fingerprint);
  t.ok(night.seconds > 125 && night.seconds <= 136, `two minutes of prior and the sound: ${night.seconds} s`);
  t.ok(sad.candidates.length > 1 && sad.candidates[0]!.score >= sad.candidates[1]!.score);
  t.ok(sad.upcoming.length === 3 && !sad.upcoming.includes(sad.show.image!.id));
  t.ok(sad.latency.total >= sad.latency.analysis && sad.latency.analysis > 0);
  t.ok(
    states.some(({ level }) => level.onset),
    'the change of the chord is an onset',
  );
  t.equal(counters.clips, 1 + (16 - 1) / 0.5, 'two early ones among them');
  const times = states.map(({ time }) => time);
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  );
});

t.test('clips that are lost are counted, and the show goes on', async (t) => {
  const { states, counters } = await played(sound(GLAD_EXCITED, 12), {
    loses: (clip) => clip >= 2 && clip < 8,
  });
  t.equal(counters.lost, 6);
  t.ok(states.at(-1)!.mood.confidence > 0.5);
});

t.test('a push of the mood and another gallery have their effect without a new clip', async (t) => {
  let isPushed = false;
  let isGrown = false;
  const pushedTo: LiveState['candidates'][] = [];
  const { states } = await played(sound(SAD_CALM, 10), {
    shown: gallery(2),
    onStep({ state, event }, requests, galleries) {
      if (!isPushed && event?.kind === 'match') {
        isPushed = true;
        queueMicrotask(() => {
          const control = { control: 'mood-offset', valence: 1, arousal: 1 } as const;
          let answered: ShowStep | undefined;
          requests.next({ control, answer: (step) => (answered = step) });
          t.same(answered!.state.settings.moodOffset, { valence: 1, arousal: 1 }, 'answered in the call');
        });
      } else if (isPushed && !isGrown && event?.kind === 'match') {
        isGrown = true;
        pushedTo.push(state.match!.candidates);
        queueMicrotask(() => {
          galleries.next(gallery(5));
        });
      }
    },
  });
  t.equal(pushedTo[0]![0]!.id, 'p3', 'the glad and excited one of four');
  t.equal(states.at(-1)!.candidates[0]!.id, 'p24', 'and of twenty-five');
  t.equal(states.at(-1)!.candidates.length, 16);
});
