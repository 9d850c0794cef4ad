import type { NamedValues, Value } from '../../engine/index.ts';
import type { OnnxHeader } from '../../graph/index.ts';
import { bad, shown, unclear, type GivenEncoder } from './input.ts';
import { MOST_FEATURES, type OnnxEncoderSettings } from './settings.ts';

type Output = OnnxEncoderSettings['output'];
type Layout = OnnxEncoderSettings['input']['layout'];

/** Names that exporters give to the output for a whole picture, the best first. */
const POOLED_NAMES = [
  'image_embeds',
  'image_embeddings',
  'image_features',
  'pooler_output',
  'pooled_output',
  'embeddings',
  'embedding',
  'features',
];

interface Candidate {
  readonly name: string;
  /** Lengths behind the batch. */
  readonly shape: readonly number[];
}

/**
 * Chooses the output that becomes the features of a picture, from those of a run: the requested one; else one with a
 * usual name; else the only one with a row a picture; else the only usable one.
 * @param path for errors
 * @param batch pictures of the run
 * @throws SynestheteError USAGE when the choice is not clear, BAD_ENCODER when no output is usable
 */
export function outputOf(
  path: string,
  { outputs }: OnnxHeader,
  results: NamedValues,
  { batch, layout, given }: { readonly batch: number; readonly layout: Layout; readonly given: GivenEncoder },
): Output {
  const all = outputs.map(({ name, type }) => ({ name, type, shape: results[name]?.shape ?? [] }));
  const candidates = all.flatMap(({ name, type, shape }): Candidate[] => {
    const fits = type === 'float32' && shape[0] === batch && shape.length >= 2 && shape.length <= 4;
    return fits ? [{ name, shape: shape.slice(1) }] : [];
  });
  const list = all.map(shown).join(', ');
  let chosen: Candidate | undefined;
  if (given.output === undefined) {
    chosen = clearChoice(candidates);
    if (chosen === undefined && candidates.length > 0) {
      throw unclear(path, `gives ${list}, and which to learn from is not clear`, {
        kind: 'name-encoder-output',
      });
    }
  } else {
    if (!all.some(({ name }) => name === given.output)) {
      throw unclear(path, `gives no output "${given.output}", only ${list}`, {
        kind: 'name-encoder-output',
      });
    }
    chosen = candidates.find(({ name }) => name === given.output);
  }
  if (chosen === undefined) {
    throw bad(
      path,
      `gives ${list}; an output to learn from is float32, [${batch}, numbers], [${batch}, tokens, numbers] or a map of four axes`,
    );
  }
  const { name, shape } = chosen;
  if (given.pooling === 'first' && shape.length !== 2) {
    throw unclear(path, `gives no tokens in "${name}", of which the first could be taken`, {
      kind: 'leave-out',
      settings: ['encoderPooling'],
    });
  }
  const pooling = shape.length === 1 ? 'none' : (given.pooling ?? 'mean');
  const width = shape.length === 3 && layout === 'nchw' ? shape[0]! : shape.at(-1)!;
  if (width > MOST_FEATURES) {
    throw bad(
      path,
      `gives ${width} numbers a picture in "${name}", more than ${MOST_FEATURES}; a pooled output has fewer`,
      { remedy: { kind: 'name-encoder-output' } },
    );
  }
  if (width < 2) throw bad(path, `gives a single number a picture in "${name}"; that is no encoder`);
  return { name, pooling, width };
}

function clearChoice(candidates: readonly Candidate[]): Candidate | undefined {
  const named = POOLED_NAMES.map((known) => candidates.find(({ name }) => name === known));
  const rows = candidates.filter(({ shape }) => shape.length === 1);
  const found = named.find((candidate) => candidate !== undefined);
  return found ?? (rows.length === 1 ? rows[0] : candidates.length === 1 ? candidates[0] : undefined);
}

/**
 * The features of the pictures of a run.
 * @param value the output that was chosen, [batch, …]
 * @returns for each picture [width]
 */
export function pooled({ shape, data }: Value, { pooling, width }: Output, layout: Layout): Float32Array[] {
  const [batch, ...rest] = shape as [number, ...number[]];
  const count = rest.reduce((product, length) => product * length, 1);
  return Array.from({ length: batch }, (_, i) => {
    const picture = data.slice(i * count, (i + 1) * count) as Float32Array;
    if (pooling === 'none') return picture;
    if (pooling === 'first') return picture.slice(0, width);
    const places = count / width;
    // With channels first, the places of a channel lie side by side.
    const [ofPlace, ofChannel] = rest.length === 3 && layout === 'nchw' ? [1, places] : [width, 1];
    return Float32Array.from({ length: width }, (_, c) => {
      let sum = 0;
      for (let p = 0; p < places; p++) sum += picture[p * ofPlace + c * ofChannel]!;
      return sum / places;
    });
  });
}
