/**
 * Makes the weight files of the encoders from those of their authors: `npm run make-encoders -- FOLDER`. FOLDER holds
 * efficientnet-lite0.safetensors, efficientnet-lite2.safetensors, open-nsfw.onnx and musicnn-msd.onnx; NOTICE says
 * where to get them. An encoder without its file keeps its weights.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../checksum.ts';
import { readWhole } from '../../read-file.ts';
import { encodeSafetensors } from '../../weights/index.ts';
import type { Tensor } from '../../weights/index.ts';
import { writeWhole } from '../../write-whole.ts';
import { encoderFilesSchema } from '../weights.ts';
import { efficientNetLiteWeights } from './efficientnet-lite.ts';
import { musicnnWeights } from './musicnn.ts';
import { openNsfwWeights } from './open-nsfw.ts';

/** [encoder, the file of its authors, reader] */
const SOURCES: readonly (readonly [
  string,
  string,
  (from: string) => Promise<ReadonlyMap<string, Tensor>>,
])[] = [
  ['efficientnet-lite0', 'efficientnet-lite0.safetensors', (from) => efficientNetLiteWeights(from, 'lite0')],
  ['efficientnet-lite2', 'efficientnet-lite2.safetensors', (from) => efficientNetLiteWeights(from, 'lite2')],
  ['open-nsfw', 'open-nsfw.onnx', openNsfwWeights],
  ['musicnn', 'musicnn-msd.onnx', musicnnWeights],
];

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder of the original weights');
const list = fileURLToPath(import.meta.resolve('#encoders'));
const files = existsSync(list)
  ? encoderFilesSchema.parse(JSON.parse((await readWhole(list)).toString('utf8')))
  : {};
for (const [name, original, read] of SOURCES) {
  const from = join(folder, original);
  if (!existsSync(from)) continue;
  const tensors = await read(from);
  // Kernels and matrices in half precision, vectors in single.
  const chunks = encodeSafetensors(tensors, {}, (key) =>
    tensors.get(key)!.shape.length > 1 ? 'float16' : 'float32',
  );
  const content = Buffer.concat(chunks);
  const file = `${name}.safetensors`;
  await writeWhole(join(dirname(list), file), content);
  files[name] = { file, sha256: sha256(content) };
  process.stdout.write(`${name}: ${(content.length / 1e6).toFixed(1)} MB\n`);
}
await writeWhole(list, `${JSON.stringify(files, null, 2)}\n`);
