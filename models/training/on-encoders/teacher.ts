import type { Engine, Session } from '../../engine/index.ts';
import { Graph, add, exp, gemm, mul, reduceSumSquare, relu, reshape, sub } from '../../graph/index.ts';
import { solveMasked, productOnEngine } from '../../linear-algebra/index.ts';

/** Files with ratings, and files with only a category. */
const CORPORA = ['rated', 'categorised'] as const;

/** A teacher's training data: row i of every array is one picture or clip. */
export interface TeacherRows {
  readonly count: number;
  /** Numbers in the coordinates of a row. */
  readonly size: number;
  /** Row-major [count, size]. */
  readonly coordinates: Float32Array;
  /** Index into CORPORA. */
  readonly corpus: Uint8Array;
  /** Row-major [count, 2]: valence and arousal, as deviations from `mean`. */
  readonly targets: Float32Array;
  /** Row-major [count, 2]: 1 for a known target, 0 for a missing one. */
  readonly known: Uint8Array;
  /** [2]: valence and arousal of a point without any neighbours. */
  readonly mean: readonly [number, number];
  readonly weights: Float32Array;
}

export interface TeacherSettings {
  readonly gamma: number;
  readonly ridge: number;
  readonly shared: number;
  readonly ratedOdds: number;
}

/** Points whose kernel with all rows is computed at once, which bounds the memory. */
const POINTS_TOGETHER = 512;
const AXES = 2;

/** Logistic function of the gate's output that gives the probability of the corpus `rated`. */
interface Gate {
  readonly slope: number;
  readonly offset: number;
}

/**
 * Kernel ridge regressions that teach the network: one on all rows, and one without each fold. Raters of different
 * corpora judge a picture differently, so each corpus has its own answer, with the kernel k((x, c), (x', c')) =
 * exp(−γ|x − x'|²) · (1 if c = c', else `shared`), the intrinsic model of coregionalisation (Bonilla, Chai and
 * Williams, "Multi-task Gaussian Process Prediction", 2007). A point of unknown corpus gets the mean of the two
 * answers, weighted by the probability of each corpus, from a further regression with the plain kernel.
 */
export class Teachers {
  readonly #engine: Engine;
  readonly #rows: TeacherRows;
  readonly #gamma: number;
  /** Row-major [teachers · columns, rows]; see `#columns`. */
  readonly #coefficients: Float32Array;
  readonly #count: number;
  readonly #hasGate: boolean;
  #gate: Gate = { slope: 0, offset: 0 };
  #session: Promise<Session> | undefined;

  private constructor(
    engine: Engine,
    rows: TeacherRows,
    gamma: number,
    coefficients: readonly Float32Array[][],
    hasGate: boolean,
  ) {
    this.#engine = engine;
    this.#rows = rows;
    this.#gamma = gamma;
    this.#count = coefficients.length;
    this.#hasGate = hasGate;
    this.#coefficients = new Float32Array(coefficients.flat().length * rows.count);
    coefficients.flat().forEach((column, c) => {
      this.#coefficients.set(column, c * rows.count);
    });
  }

  /**
   * @param folds of the rows, from 0
   * @returns teachers of all rows, then of all but fold 0, all but fold 1, …
   * @throws SynestheteError ENGINE_FAILED
   */
  static async train(
    engine: Engine,
    rows: TeacherRows,
    folds: Int32Array,
    { gamma, ridge, shared, ratedOdds }: TeacherSettings,
  ): Promise<Teachers> {
    const { count, corpus } = rows;
    const foldCount = Math.max(...folds) + 1;
    const masks = [new Float32Array(count).fill(1)];
    for (let fold = 0; fold < foldCount; fold++)
      masks.push(Float32Array.from(folds, (of) => (of === fold ? 0 : 1)));
    const kernel = await kernelMatrix(engine, rows, gamma);
    const hasGate = corpus.includes(1) && corpus.includes(0);

    let gates: Float32Array[][] | undefined;
    if (hasGate) {
      const balanced = balancedWeights(rows);
      const target = Float32Array.from(corpus, (of) => (of === 0 ? 1 : -1));
      const diagonal = balanced.map((weight) => ridge / weight);
      gates = await solveMasked(
        engine,
        kernel,
        diagonal,
        masks.map((mask) => ({ mask, targets: [target] })),
      );
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < count; j++) if (corpus[i] !== corpus[j]) kernel[i * count + j]! *= shared;
      }
    }
    const along = (values: ArrayLike<number>, axis: number) =>
      Float32Array.from({ length: count }, (_, i) => values[AXES * i + axis]!);
    const axes = Array.from({ length: AXES }, (_, axis) => ({
      known: along(rows.known, axis),
      targets: [along(rows.targets, axis)],
    }));
    const diagonal = rows.weights.map((weight) => ridge / weight);
    const found = await solveMasked(
      engine,
      kernel,
      diagonal,
      masks.flatMap((mask) =>
        axes.map(({ known, targets }) => ({ mask: mask.map((of, i) => of * known[i]!), targets })),
      ),
    );
    const columns = masks.map((_, t): Float32Array[] => {
      const moods = found.slice(AXES * t, AXES * (t + 1)).flat();
      if (gates === undefined) return moods;
      const answers = [...CORPORA.keys()].flatMap((answering) =>
        moods.map((of) => of.map((value, i) => value * (corpus[i] === answering ? 1 : shared))),
      );
      return [...answers, ...gates[t]!];
    });
    const teachers = new Teachers(engine, rows, gamma, columns, hasGate);
    if (hasGate) await teachers.#fitGate(folds, ratedOdds);
    return teachers;
  }

  get #columns(): number {
    return this.#hasGate ? CORPORA.length * AXES + 1 : AXES;
  }

  /**
   * @param points row-major [n, size], coordinates
   * @returns for each teacher valence and arousal, row-major [n, 2], not limited to [0, 1]
   * @throws SynestheteError ENGINE_FAILED
   */
  async predictions(points: Float32Array): Promise<Float32Array[]> {
    const { size, mean } = this.#rows;
    const n = points.length / size;
    const outputs = await this.#outputs(points);
    const columns = this.#columns;
    return Array.from({ length: this.#count }, (_, t) => {
      const moods = new Float32Array(AXES * n);
      for (let i = 0; i < n; i++) {
        const at = (i * this.#count + t) * columns;
        const rated = this.#hasGate ? this.#probability(outputs[at + columns - 1]!) : 1;
        for (let axis = 0; axis < AXES; axis++) {
          const own = outputs[at + axis]!;
          const other = this.#hasGate ? outputs[at + AXES + axis]! : 0;
          moods[AXES * i + axis] = mean[axis]! + rated * own + (1 - rated) * other;
        }
      }
      return moods;
    });
  }

  #probability(output: number): number {
    return 1 / (1 + Math.exp(-(this.#gate.slope * output + this.#gate.offset)));
  }

  /** Row-major [n, teachers, columns]: sums over all rows of kernel times coefficient. */
  async #outputs(points: Float32Array): Promise<Float32Array> {
    const { size, count, coordinates } = this.#rows;
    const width = this.#count * this.#columns;
    const n = points.length / size;
    const result = new Float32Array(n * width);
    this.#session ??= this.#engine.load(this.#graph());
    const session = await this.#session;
    for (let first = 0; first < n; first += POINTS_TOGETHER) {
      const chunk = new Float32Array(POINTS_TOGETHER * size);
      const last = Math.min(n, first + POINTS_TOGETHER);
      chunk.set(points.subarray(first * size, last * size));
      const { outputs } = await session.run({
        points: { dtype: 'float32', shape: [POINTS_TOGETHER, size], data: chunk },
        rows: { dtype: 'float32', shape: [count, size], data: coordinates },
        coefficients: { dtype: 'float32', shape: [width, count], data: this.#coefficients },
      });
      result.set((outputs!.data as Float32Array).subarray(0, (last - first) * width), first * width);
    }
    return result;
  }

  #graph(): Graph {
    const { size, count } = this.#rows;
    const graph = new Graph('teachers');
    const points = graph.input('points', [POINTS_TOGETHER, size]);
    const kernel = radialKernel(points, graph.input('rows', [count, size]), this.#gamma);
    const coefficients = graph.input('coefficients', [this.#count * this.#columns, count]);
    graph.output('outputs', gemm(kernel, coefficients, { transposeB: true }));
    return graph;
  }

  /**
   * Fits the gate on out-of-fold answers, with equal weight for both corpora (Platt scaling); the odds are applied
   * afterwards.
   */
  async #fitGate(folds: Int32Array, ratedOdds: number): Promise<void> {
    const { corpus, count, coordinates } = this.#rows;
    const outputs = await this.#outputs(coordinates);
    const columns = this.#columns;
    const values = Float64Array.from(
      { length: count },
      (_, i) => outputs[(i * this.#count + 1 + folds[i]!) * columns + columns - 1]!,
    );
    const { slope, offset } = logisticFit(values, corpus, balancedWeights(this.#rows));
    this.#gate = { slope, offset: offset + Math.log(ratedOdds) };
  }

  async close(): Promise<void> {
    await (await this.#session)?.close();
  }
}

/** exp(−γ|p − r|²) of points [n, size] and rows [m, size]: [n, m]. */
function radialKernel(points: ReturnType<Graph['input']>, rows: ReturnType<Graph['input']>, gamma: number) {
  const lengths = add(reduceSumSquare(points, [1], true), reshape(reduceSumSquare(rows, [1]), [1, -1]));
  const products = gemm(points, rows, { transposeB: true });
  return exp(mul(relu(sub(lengths, mul(products, 2))), -gamma));
}

/** The weights of the rated rows, and those of the others scaled so that both corpora have the same total. */
function balancedWeights({ weights, corpus }: TeacherRows): Float32Array {
  const sums = [0, 0];
  corpus.forEach((of, i) => (sums[of]! += weights[i]!));
  return weights.map((weight, i) => (corpus[i] === 0 ? weight : (weight * sums[0]!) / sums[1]!));
}

async function kernelMatrix(
  engine: Engine,
  { count, size, coordinates }: TeacherRows,
  gamma: number,
): Promise<Float32Array> {
  const kernel = await productOnEngine(engine, coordinates, coordinates, size);
  const lengths = Float32Array.from({ length: count }, (_, i) => kernel[i * (count + 1)]!);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const distance = Math.max(0, lengths[i]! + lengths[j]! - 2 * kernel[i * count + j]!);
      kernel[i * count + j] = kernel[j * count + i] = Math.exp(-gamma * distance);
    }
    kernel[i * (count + 1)] = 1;
  }
  return kernel;
}

/** Newton's method for a logistic regression on one number: the probability of class 0. */
function logisticFit(values: Float64Array, classes: Uint8Array, weights: Float32Array): Gate {
  let slope = 1;
  let offset = 0;
  for (let step = 0; step < 50; step++) {
    // Gradient and Hessian, with a standard normal prior, which keeps the fit finite for perfectly separable classes.
    let [g0, g1, h00, h01, h11] = [offset, slope, 1, 0, 1];
    values.forEach((value, i) => {
      const p = 1 / (1 + Math.exp(-(slope * value + offset)));
      const error = weights[i]! * (p - (classes[i] === 0 ? 1 : 0));
      const curvature = weights[i]! * p * (1 - p);
      g0 += error;
      g1 += error * value;
      h00 += curvature;
      h01 += curvature * value;
      h11 += curvature * value * value;
    });
    const determinant = h00 * h11 - h01 * h01;
    offset -= (h11 * g0 - h01 * g1) / determinant;
    slope -= (h00 * g1 - h01 * g0) / determinant;
  }
  return { slope, offset };
}
