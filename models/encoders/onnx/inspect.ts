import { basename, dirname, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { sha256 } from '../../checksum.ts';
import type { Engine, NamedValues, Session } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { readOnnxHeader, type OnnxHeader } from '../../graph/index.ts';
import { readWhole } from '../../read-file.ts';
import { bad, inputOf, type GivenEncoder } from './input.ts';
import { OnnxEncoder, type OnnxEncoderFile } from './onnx-encoder.ts';
import { outputOf } from './output.ts';
import type { OnnxEncoderSettings } from './settings.ts';

/** Features of two pictures count as equal when they differ by less than this part of the largest one. */
const LEAST_DIFFERENCE = 1e-5;

/**
 * Reads an ONNX file of another program as a picture encoder. Its input and output come from the given settings, from
 * the file, or from a run on two pictures made by formula.
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE; BAD_ENCODER for a file that is no ONNX network for pictures;
 *   USAGE, naming the setting, when a setting is missing or contradicts the file
 */
export async function inspectOnnxEncoder(
  path: string,
  given: GivenEncoder,
  engine: Engine,
): Promise<OnnxEncoderFile> {
  const bytes = await readWhole(path);
  const header = readOnnxHeader(bytes);
  if (header === undefined)
    throw bad(path, `is ${whatElse(bytes)}; name a network that was exported to ONNX`);
  await refuseExternal(path, header);
  const { isAssumed, ...input } = inputOf(path, header, given);
  let session: Session;
  try {
    session = await engine.load(bytes);
  } catch (error) {
    throw bad(path, `can't be loaded: ${reasonOf(error)}`, { cause: error });
  }
  const name = basename(path);
  try {
    // The first run works with any output and shows which outputs there are.
    const unknown: OnnxEncoderSettings = {
      sha256: sha256(bytes),
      input,
      output: { name: '', pooling: 'none', width: 2 },
    };
    const probing = new OnnxEncoder(session, unknown, path);
    const results = await probe(path, probing, input);
    const output = outputOf(path, header, results, { batch: input.batch, layout: input.layout, given });
    const settings: OnnxEncoderSettings = { ...unknown, output };
    await checkFeatures(path, new OnnxEncoder(session, settings, path));
    return { bytes, name, settings, isAssumed };
  } finally {
    await session.close();
  }
}

async function probe(
  path: string,
  encoder: OnnxEncoder,
  { width, height }: OnnxEncoderSettings['input'],
): Promise<NamedValues> {
  try {
    return await encoder.run([pictureOf(encoder.settings, 0)]);
  } catch (error) {
    throw bad(path, `can't read pictures of ${width}×${height}: ${reasonOf(error)}`, {
      cause: error,
      remedy: { kind: 'other-encoder-size' },
    });
  }
}

/** @throws SynestheteError BAD_ENCODER for features that are not finite, or equal for different pictures */
async function checkFeatures(path: string, encoder: OnnxEncoder): Promise<void> {
  const { settings } = encoder;
  const [one, other] = [
    ...(await encoder.encode([pictureOf(settings, 0)])),
    ...(await encoder.encode([pictureOf(settings, 1)])),
  ];
  const largest = one!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (one!.some((value, i) => Math.abs(value - other![i]!) > LEAST_DIFFERENCE * largest)) return;
  throw bad(path, `gives the same "${settings.output.name}" for different pictures`, {
    remedy: { kind: 'name-encoder-output' },
  });
}

/** A picture by formula: 0 is a red slope under fine stripes, 1 is its rotated negative with coarse ones. */
function pictureOf({ input: { width, height } }: OnnxEncoderSettings, which: 0 | 1): Uint8Array {
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const slope = which === 0 ? x / width : 1 - y / height;
      const stripe = 0.5 + 0.5 * Math.sin(which === 0 ? x : y / 9);
      pixels.set([255 * slope, 255 * stripe, 255 * (1 - slope) * stripe], 3 * (y * width + x));
    }
  }
  return pixels;
}

/** Describes a file that is not ONNX. */
function whatElse(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty';
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  if (head.startsWith('version https://git-lfs')) return 'a pointer of Git LFS: run git lfs pull';
  if (head.startsWith('PK')) return 'a zip archive, as PyTorch and Keras write them, and no ONNX';
  return /^[\t\n\r\x20-\x7e\x80-\xff]*$/u.test(head) ? 'text and no ONNX' : 'no ONNX, or torn';
}

/** @throws SynestheteError BAD_ENCODER for a network whose weights lie in other files */
async function refuseExternal(path: string, { externalFiles }: OnnxHeader): Promise<void> {
  const [first] = externalFiles;
  if (first === undefined) return;
  const isThere = await stat(join(dirname(path), basename(first))).catch(() => undefined);
  throw bad(
    path,
    `keeps its weights in another file, ${first}${isThere ? '' : ', which is not beside it'}; make one file of them, in Python: onnx.save(onnx.load("${basename(path)}"), "one.onnx")`,
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof SynestheteError)) throw error;
  // Without the part about graphs of our own.
  return error.message.replace(/^(?:\w+ does not load the graph|the graph failed to run): /u, '');
}
