import t from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import { Graph } from '../../../../models/graph/index.ts';
import type { Tensor } from '../../../../models/graph/index.ts';
import { gradients } from '../../../../models/graph/training/index.ts';
import { totalLoss } from '../../../../models/training/losses/index.ts';
import type { LossSettings, LossTerm } from '../../../../models/training/losses/index.ts';
import { checkGradient, floats, random, relativeError, runOnce } from '../../graph/helpers.ts';

const engine = await openEngine('cpu', { threads: 1 });
const COUNT = 5;
const WIDTH = 4;
const SIGMA = 0.3844;

type Rows = readonly (readonly number[])[];

function rows(values: Float32Array, width: number): Rows {
  return Array.from({ length: values.length / width }, (_, i) => [
    ...values.subarray(i * width, (i + 1) * width),
  ]);
}

const embeddings = { pictures: random(COUNT * WIDTH, 1), clips: random(COUNT * WIDTH, 2) };
const moods = {
  pictures: random(COUNT * 2, 3).map((value) => 0.5 + value / 2),
  clips: random(COUNT * 2, 4).map((value) => 0.5 + value / 2),
};

function rowsAt(values: Float32Array, places: readonly number[]): number[] {
  return places.flatMap((place) => [...values.subarray(2 * place, 2 * place + 2)]);
}

interface Labels {
  readonly pictures: Float32Array;
  readonly clips: Float32Array;
}

/** Labels all different; some of them more than once, within and across the modalities; all one. */
const LABELS: Readonly<Record<'different' | 'repeated' | 'equal', Labels>> = {
  different: moods,
  repeated: {
    pictures: Float32Array.from(rowsAt(moods.pictures, [2, 1, 2, 3, 2])),
    clips: Float32Array.from([...rowsAt(moods.clips, [0, 0]), ...rowsAt(moods.pictures, [2]), ...rowsAt(moods.clips, [3, 4])]), // prettier-ignore
  },
  equal: { pictures: new Float32Array(2 * COUNT).fill(0.5), clips: new Float32Array(2 * COUNT).fill(0.5) },
};

const predicted = {
  pictures: random(COUNT * 2, 5).map((value) => 0.5 + value / 2),
  clips: random(COUNT * 2, 6).map((value) => 0.5 + value / 2),
};
const denseSimilarity = random(COUNT * COUNT, 7).map((value) => 0.5 + value / 2);
const pairSimilarity = denseSimilarity.slice(0, COUNT);
/** A similarity of 0 has no logarithm. */
const given = random(COUNT, 8).map((value, i) => (i === 1 ? 0 : 0.5 + value / 2.1));

const D = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
const d = (a: readonly number[], b: readonly number[]): number => Math.sqrt(D(a, b));
const S = (a: readonly number[], b: readonly number[]): number => Math.exp(-d(a, b) / SIGMA);
/** Of a distance of embeddings. */
const ln = (x: number): number => Math.log(x + 1e-6);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
/** Triples with a label that has no logarithm are NaN or infinite, and left out; 0 where none is left. */
const meanOfTriples = (values: readonly number[]): number => {
  const kept = values.filter((value) => Number.isFinite(value));
  return kept.length === 0 ? 0 : mean(kept);
};

const [v, m] = [rows(embeddings.pictures, WIDTH), rows(embeddings.clips, WIDTH)];
const all = Array.from({ length: COUNT }, (_, i) => i);
const next = (i: number, by: number): number => (i + by) % COUNT;

/** docs/method.md's formulas as they stand, in double precision. */
function formula(term: LossTerm, settings: LossSettings, isGiven: boolean, labels: Labels): number {
  const [yv, ym] = [rows(labels.pictures, 2), rows(labels.clips, 2)];
  const dense = settings.pairs === 'dense';
  const pairs = dense ? all.flatMap((i) => all.map((j) => [i, j] as const)) : all.map((i) => [i, i] as const);
  const similarityOf = (i: number, j: number): number => (isGiven && i === j ? given[i]! : S(yv[i]!, ym[j]!));
  switch (term) {
    case 'sim': {
      const found = dense ? denseSimilarity : pairSimilarity;
      return mean(pairs.map(([i, j], k) => (found[k]! - similarityOf(i, j)) ** 2));
    }
    case 'va': {
      const part = (found: Rows, truth: Rows): number => mean(found.map((row, i) => D(row, truth[i]!)));
      return part(rows(predicted.pictures, 2), yv) + part(rows(predicted.clips, 2), ym);
    }
    case 'cfm':
      return mean(pairs.map(([i, j]) => Math.max(0, D(v[i]!, m[j]!) - settings.margin)));
    case 'cfr': {
      const similar = settings.prediction === 'similarity';
      // log(D_ij/D_ik) − log(S_ik/S_ij), or − log(d_ij/d_ik)
      const byPicture = (i: number, j: number, k: number): number => {
        const label = similar
          ? Math.log(similarityOf(i, k)) - Math.log(similarityOf(i, j))
          : Math.log(d(yv[i]!, ym[j]!)) - Math.log(d(yv[i]!, ym[k]!));
        return (ln(D(v[i]!, m[j]!)) - ln(D(v[i]!, m[k]!)) - label) ** 2;
      };
      const byClip = (j: number, i: number, k: number): number => {
        const label = similar
          ? Math.log(similarityOf(k, j)) - Math.log(similarityOf(i, j))
          : Math.log(d(yv[i]!, ym[j]!)) - Math.log(d(yv[k]!, ym[j]!));
        return (ln(D(m[j]!, v[i]!)) - ln(D(m[j]!, v[k]!)) - label) ** 2;
      };
      const triples = dense
        ? all.flatMap((a) => all.flatMap((j) => all.filter((k) => j < k).map((k) => [a, j, k] as const)))
        : all.map((i) => [i, i, next(i, 1)] as const);
      return (
        meanOfTriples(triples.map((args) => byPicture(...args))) +
        meanOfTriples(triples.map((args) => byClip(...args)))
      );
    }
    case 'sfr': {
      const single = (x: Rows, y: Rows): number => {
        const triples = dense
          ? all.flatMap((a) =>
              all.flatMap((j) =>
                all.filter((k) => j < k && j !== a && k !== a).map((k) => [a, j, k] as const),
              ),
            )
          : all.map((a) => [a, next(a, 1), next(a, 2)] as const);
        return meanOfTriples(
          triples.map(([a, i, j]) => {
            const found = ln(D(x[a]!, x[i]!)) - ln(D(x[a]!, x[j]!));
            return (found - (Math.log(D(y[a]!, y[i]!)) - Math.log(D(y[a]!, y[j]!)))) ** 2;
          }),
        );
      };
      return single(v, yv) + single(m, ym);
    }
  }
}

interface Inputs {
  readonly pictures: Tensor;
  readonly clips: Tensor;
}

function build(
  graph: Graph,
  inputs: Inputs,
  settings: LossSettings,
  isGiven: boolean,
  labels: Labels = moods,
) {
  const constant = (name: string, shape: readonly number[], values: Float32Array): Tensor =>
    graph.constant(name, shape, values);
  const dense = settings.pairs === 'dense';
  return totalLoss(
    {
      pictures: { embeddings: inputs.pictures, moods: constant('yv', [COUNT, 2], labels.pictures) },
      clips: { embeddings: inputs.clips, moods: constant('ym', [COUNT, 2], labels.clips) },
      similarity: dense
        ? constant('s', [COUNT * COUNT], denseSimilarity)
        : constant('s', [COUNT], pairSimilarity),
      moods: {
        pictures: constant('pv', [COUNT, 2], predicted.pictures),
        clips: constant('pm', [COUNT, 2], predicted.clips),
      },
      matched: isGiven ? constant('given', [COUNT], given) : null,
    },
    settings,
  );
}

const WEIGHTS = { sim: 1, va: 2, cfr: 0.5, cfm: 3, sfr: 0.25 };
const TERMS: readonly LossTerm[] = ['sim', 'va', 'cfr', 'cfm', 'sfr'];
const cases = (['dense', 'sampled'] as const).flatMap((pairs) =>
  (['similarity', 'distance'] as const).flatMap((prediction) =>
    (pairs === 'dense' ? [false] : [false, true]).map((isGiven) => ({ pairs, prediction, isGiven })),
  ),
);

for (const { pairs, prediction, isGiven } of cases)
  for (const [kind, labels] of Object.entries(LABELS)) {
    const settings: LossSettings = {
      terms: TERMS,
      weights: WEIGHTS,
      pairs,
      prediction,
      margin: 1.5,
      sigma: SIGMA,
    };
    t.test(
      `${pairs}, ${prediction}${isGiven ? ', similarities given' : ''}, labels ${kind}: each term is docs/method.md's formula`,
      async (t) => {
        const graph = new Graph();
        const shape = [COUNT, WIDTH];
        const inputs = { pictures: graph.input('v', shape), clips: graph.input('m', shape) };
        const { loss, terms } = build(graph, inputs, settings, isGiven, labels);
        graph.output('loss', loss);
        for (const [term, value] of Object.entries(terms)) graph.output(term, value);
        const found = await runOnce(engine, graph, {
          v: floats(shape, embeddings.pictures),
          m: floats(shape, embeddings.clips),
        });
        const expected = TERMS.map((term) => formula(term, settings, isGiven, labels));
        TERMS.forEach((term, i) => {
          const error = relativeError(found[term]!.data, [expected[i]!]);
          t.ok(error < 2e-5, `${term}: error ${error.toExponential(1)}`);
        });
        const total = TERMS.reduce((sum, term, i) => sum + WEIGHTS[term] * expected[i]!, 0);
        t.ok(relativeError(found['loss']!.data, [total]) < 2e-5, 'the weighted sum');
      },
    );
  }

t.test('gradients of the terms with respect to the embeddings', async (t) => {
  for (const { pairs, prediction, kind } of cases
    .filter(({ isGiven }) => !isGiven)
    .flatMap((one) => [{ ...one, kind: 'different' } as const, { ...one, kind: 'repeated' } as const])) {
    for (const term of ['cfr', 'cfm', 'sfr'] as const) {
      await checkGradient(t, engine, {
        name: `${term}, ${pairs}, ${prediction}, labels ${kind}`,
        shapes: [
          [COUNT, WIDTH],
          [COUNT, WIDTH],
        ],
        build: (graph, pictures, clips) =>
          build(graph, { pictures, clips }, { terms: [term], weights: WEIGHTS, pairs, prediction, margin: 1.5, sigma: SIGMA }, false, LABELS[kind]).loss, // prettier-ignore
        step: 2e-3,
      });
    }
  }
});

t.test('a term whose prediction is missing is refused', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', [COUNT, WIDTH]);
  const labelled = { embeddings: x, moods: graph.input('y', [COUNT, 2]) };
  const settings: LossSettings = { terms: ['sim'], weights: WEIGHTS, pairs: 'dense', prediction: 'distance', margin: 0, sigma: 1 }; // prettier-ignore
  const batch = { pictures: labelled, clips: labelled, similarity: null, moods: null, matched: null };
  t.throws(() => totalLoss(batch, settings), { message: /term sim needs a prediction/ });
  t.throws(() => totalLoss(batch, { ...settings, terms: [] }), { message: /at least one term/ });
  t.throws(() => gradients(x, [x]), { message: /a loss is one number/ });
});
