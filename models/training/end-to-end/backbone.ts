import { sha256 } from '../../checksum.ts';
import {
  ENCODER_INPUT,
  PICTURE_ENCODERS,
  PictureEncoding,
  encoderFingerprint,
} from '../../encoders/index.ts';
import type { PictureEncoderName } from '../../encoders/index.ts';
import { engineKey, type Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { Graph } from '../../graph/index.ts';
import { inferenceLayers, resnetFeatures, torchvisionPixels } from '../../networks/index.ts';
import type { Weights } from '../../networks/index.ts';
import type { SquashedSize } from '../../pictures/index.ts';
import { encodeSafetensors } from '../../weights/index.ts';

/** A frozen picture network: squashed pictures in, pooled features out. */
export interface FrozenBackbone {
  /** Numbers in the features of a picture. */
  readonly features: number;
  /** The size that pictures are squashed to. */
  readonly square: SquashedSize;
  /** Everything that its features depend on, for the cache. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Weights that a model must include, because no package has them. */
  readonly weights: Weights;
  /** @param pixels sRGB bytes, [height, width, 3] of `square` */
  extract(pixels: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A bundled picture encoder. @throws SynestheteError BROKEN_INSTALL, ENGINE_FAILED */
export async function frozenEncoder(engine: Engine, name: PictureEncoderName): Promise<FrozenBackbone> {
  const encoding = await PictureEncoding.open(engine, [name], { batchSize: 1 });
  return {
    features: PICTURE_ENCODERS[name].features,
    square: ENCODER_INPUT,
    identity: { backbone: name, weights: await encoderFingerprint(name), version: 1, ...engineKey(engine) },
    weights: {},
    async extract(pixels) {
      const [encoded] = await encoding.encode([pixels]);
      return encoded!.features.get(name)!;
    },
    close: () => encoding.close(),
  };
}

/**
 * A frozen ResNet-50 with given weights (torchvision's names).
 * @throws SynestheteError OTHER_ARCHITECTURE when the weights are not those of such a network, ENGINE_FAILED
 */
export async function frozenResnet(
  engine: Engine,
  weights: Weights,
  side: number,
  width: number,
): Promise<FrozenBackbone> {
  const graph = new Graph('frozen ResNet-50');
  const pixels = graph.input('pixels', [1, side, side, 3]);
  const features = resnetFeatures(inferenceLayers(graph, weights), torchvisionPixels(pixels), 50, width);
  graph.output('features', features);
  const used = Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('fc.')));
  const session = await engine.load(graph);
  const fingerprint = encodeSafetensors(new Map(Object.entries(used))).map((chunk) => sha256(chunk));
  return {
    features: features.shape[1]!,
    square: { width: side, height: side },
    identity: {
      backbone: 'resnet50',
      weights: sha256(fingerprint.join('\n')),
      side,
      version: 1,
      ...engineKey(engine),
    },
    weights: used,
    async extract(bytes) {
      const shape = [1, side, side, 3];
      const results = await session.run({
        pixels: { dtype: 'float32', shape, data: Float32Array.from(bytes) },
      });
      return (results['features']!.data as Float32Array).slice();
    },
    close: () => session.close(),
  };
}

/** @throws SynestheteError USAGE: a frozen ResNet-50 needs pretrained weights. */
export function refuseRandomBackbone(): never {
  throw new SynestheteError('USAGE', 'a frozen resnet50 needs trained weights', {
    remedy: { kind: 'pretrained-backbone' },
  });
}
