import fc from 'fast-check';
import t from 'tap';
import {
  advance,
  catalogueOf,
  DEFAULT_PROGRAM_SETTINGS,
  initialState,
  isShowable,
  mayStay,
  noRepeatWithin,
  type Control,
  type ProgramEvent,
  type ProgramStep,
} from '../../../streams/program/index.ts';
import { matchOf, pictures } from './support/show.ts';

/* Random nights: any sound, any mood, an operator who hammers on every key. */

const unit = fc.double({ min: 0, max: 1, noNaN: true });

const controls = (count: number): fc.Arbitrary<Control> => {
  const image = fc.integer({ min: 0, max: count }).map((i) => `p${i}`);
  return fc.oneof(
    fc.record({ control: fc.constant('hold' as const), on: fc.boolean() }),
    fc.record({
      control: fc.constant('blackout' as const),
      on: fc.boolean(),
      fadeSeconds: fc.constantFrom(0, 0.1, 3),
    }),
    fc.constant({ control: 'next' as const }),
    fc.constant({ control: 'next' as const }),
    fc.constant({ control: 'back' as const }),
    fc.record({ control: fc.constant('pin' as const), image: fc.option(image) }),
    fc.record({ control: fc.constant('ban' as const), image, on: fc.boolean() }),
    fc.record({ control: fc.constant('bank' as const), bank: fc.constantFrom(null, 'a', 'b', 'nowhere') }),
    fc.record({ control: fc.constant('crossfade' as const), seconds: fc.constantFrom(0, 2) }),
    fc.record({ control: fc.constant('sensitivity' as const), value: unit }),
  );
};

/** What happens, and how long after the last happening. */
type Happening = { readonly afterSeconds: number } & (
  | { readonly level: number; readonly onset: boolean }
  | { readonly valence: number; readonly arousal: number }
  | { readonly broken: string }
  | { readonly control: Control }
  | { readonly size: number }
);

const afterSeconds = fc.constantFrom(0, 0.023, 0.1, 0.3, 0.5, 1);

function nights(count: number, byHand: boolean): fc.Arbitrary<Happening[]> {
  const sound = fc.record({ afterSeconds, level: fc.constantFrom(0, 0.1, 0.1), onset: fc.boolean() });
  const mood = fc.record({ afterSeconds, valence: unit, arousal: unit });
  const hand = fc.oneof(
    fc.record({ afterSeconds, control: controls(count) }),
    fc.record({ afterSeconds, broken: fc.integer({ min: 0, max: count }).map((i) => `p${i}`) }),
    fc.record({ afterSeconds, size: fc.integer({ min: 0, max: count }) }),
  );
  const one = byHand
    ? fc.oneof(
        { weight: 3, arbitrary: sound },
        { weight: 2, arbitrary: mood },
        { weight: 2, arbitrary: hand },
      )
    : fc.oneof({ weight: 3, arbitrary: sound }, { weight: 2, arbitrary: mood });
  return fc.array(one, { minLength: 50, maxLength: 400, size: 'max' });
}

const gallery = (count: number) =>
  pictures(count).map((picture, i) => ({
    ...picture,
    bank: ['a', 'b', ''][i % 3]!,
    unsafe: i % 7 === 6,
    ...(i % 5 === 4 && { duplicateGroup: `group ${i >> 3}` }),
  }));

function play(
  count: number,
  happenings: readonly Happening[],
  settings: Partial<typeof DEFAULT_PROGRAM_SETTINGS> = {},
): ProgramStep[] {
  const steps: ProgramStep[] = [];
  let state = initialState(
    { ...DEFAULT_PROGRAM_SETTINGS, screens: 3, ...settings },
    catalogueOf(gallery(count)),
  );
  let atSeconds = 0;
  const send = (event: ProgramEvent) => {
    const step = advance(state, event);
    steps.push(step);
    state = step.state;
  };
  send({ kind: 'tick', atSeconds: 0 });
  for (const happening of happenings) {
    atSeconds += happening.afterSeconds;
    if ('level' in happening)
      send({ kind: 'level', atSeconds, rms: happening.level, onset: happening.onset });
    else if ('valence' in happening) send(matchOf(state, happening, atSeconds, 8));
    else if ('broken' in happening) send({ kind: 'broken', atSeconds, image: happening.broken });
    else if ('control' in happening) send({ kind: 'control', atSeconds, control: happening.control });
    else send({ kind: 'catalogue', atSeconds, catalogue: catalogueOf(gallery(happening.size)) });
  }
  return steps;
}

const sizes = fc.constantFrom(0, 1, 2, 3, 8, 40);
const night = (byHand: boolean) =>
  sizes.chain((count) => fc.tuple(fc.constant(count), nights(count, byHand)));

t.test('whatever happens, what is on show may be shown, and something is if anything may', async () => {
  fc.assert(
    fc.property(night(true), ([count, happenings]) => {
      for (const { state } of play(count, happenings)) {
        const anything = state.catalogue.pictures.some(({ id }) => isShowable(state, id));
        state.screens.forEach(({ image }) => {
          const isRight =
            image === null ? !anything : isShowable(state, image) || (mayStay(state, image) && !anything);
          if (!isRight) throw new Error(`${image ?? 'nothing'} on show`);
        });
        const isFree = !state.hold && !state.blackout.on && state.pin === null;
        const main =
          state.catalogue.pictures[state.catalogue.indexOf.get(state.screens[0]!.image ?? '') ?? -1];
        if (isFree && state.bankInForce !== null && main?.bank !== state.bankInForce) {
          throw new Error('a picture of another bank');
        }
      }
    }),
    { numRuns: 150 },
  );
});

t.test('screens show different pictures while there are enough', async () => {
  fc.assert(
    fc.property(night(true), ([count, happenings]) => {
      for (const { state } of play(count, happenings)) {
        if (state.allowed.length < 4) continue;
        const images = state.screens.map(({ image }) => image);
        if (new Set(images).size < images.length) throw new Error(`the same picture twice: ${images.join()}`);
      }
    }),
    { numRuns: 100 },
  );
});

t.test('at most three hard changes in any second, whatever the operator does', async () => {
  fc.assert(
    fc.property(night(true), ([count, happenings]) => {
      const hard = play(count, happenings).flatMap(({ effects }) =>
        effects.flatMap((effect) => {
          if (effect.kind === 'show' && effect.crossfadeSeconds < 2) return effect.atSeconds;
          if (effect.kind === 'blackout' && effect.fadeSeconds < 2) return effect.atSeconds;
          return [];
        }),
      );
      const moments = [...new Set(hard)];
      for (let i = 3; i < moments.length; i++) {
        if (moments[i]! - moments[i - 3]! <= 1)
          throw new Error(`four changes in a second at ${moments[i]!} s`);
      }
    }),
    { numRuns: 200 },
  );
});

t.test('left alone, pictures stay at least the minimum and at most the maximum dwell', async () => {
  fc.assert(
    fc.property(
      night(false),
      fc.constantFrom([2, 6], [0.5, 3], [4, 4]),
      ([count, happenings], [minimumDwellSeconds, maximumDwellSeconds]) => {
        const steps = play(count, happenings, {
          minimumDwellSeconds: minimumDwellSeconds,
          maximumDwellSeconds: maximumDwellSeconds,
          screens: 1,
        });
        let musicSince = -1;
        for (const { state, effects } of steps) {
          const [main] = state.screens;
          for (const effect of effects) {
            if (effect.kind === 'idle') musicSince = effect.on ? -1 : effect.atSeconds;
          }
          const before = steps[steps.findIndex((step) => step.state === state) - 1]?.state.screens[0];
          const changed = effects.some((effect) => effect.kind === 'show');
          const isFree = ['idle', 'opening', 'restored'].includes(before?.reason ?? 'opening');
          if (changed && typeof before?.image === 'string' && !isFree) {
            const dwell = state.atSeconds - before.sinceSeconds;
            if (dwell < Math.min(minimumDwellSeconds, 20))
              throw new Error(`a picture stayed only ${dwell} s`);
          }
          if (musicSince >= 0 && state.allowed.length > 2 && main!.image !== null) {
            const since = Math.max(musicSince, main!.sinceSeconds);
            if (!changed && state.atSeconds - since > maximumDwellSeconds + 1) {
              throw new Error(`a picture stays for ${state.atSeconds - since} s`);
            }
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

t.test('no picture comes again within the last N while there are enough', async (t) => {
  fc.assert(
    fc.property(nights(40, false), (happenings) => {
      const steps = play(40, happenings, { minimumDwellSeconds: 0, maximumDwellSeconds: 1, noRepeat: 10 });
      const shown = steps.flatMap(({ effects }) =>
        effects.flatMap((effect) => (effect.kind === 'show' && effect.screen === 0 ? effect.image! : [])),
      );
      const within = noRepeatWithin(steps[0]!.state);
      t.equal(within, 10);
      shown.forEach((image, i) => {
        if (shown.slice(Math.max(0, i - within), i).includes(image)) throw new Error(`${image} again`);
      });
    }),
    { numRuns: 100 },
  );
});

t.test('the same events give the same show, bit for bit', async () => {
  fc.assert(
    fc.property(night(true), ([count, happenings]) => {
      const timeline = () => JSON.stringify(play(count, happenings).map(({ effects }) => effects));
      return timeline() === timeline();
    }),
    { numRuns: 50 },
  );
});
