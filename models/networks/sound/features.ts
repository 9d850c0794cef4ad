import { CLIP_SAMPLES } from '../../features/index.ts';
import { GraphError, add, concat, describe, sqrt, square } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { chromaOfSpectrum, tonnetz } from './chroma.ts';
import { harmonicPart } from './harmonic.ts';
import { asRows, contrast, melPower, mfcc } from './levels.ts';
import { inverseSpectrum, preciseSpectrum, spectrum } from './spectrum.ts';
import type { Spectrum } from './spectrum.ts';

function magnitudeOf({ re, im }: Spectrum): Tensor {
  return sqrt(add(square(re), square(im)));
}

/**
 * The 193 × 87 features of models/features as operators of a graph, for providers that multiply matrices faster than a
 * processor computes FFTs. Equal to `FeatureExtractor.extract` within 1e-3 of each group (L2); magnitudes below 1e-19,
 * whose squares underflow in float32, count as silence.
 *
 * @param samples [batch, 44100], mono, 22,050 Hz, full scale ±1
 * @returns [batch, 193, 87], rows as in FEATURE_GROUPS
 * @throws GraphError when the samples have another shape
 */
export function featuresOfSamples(samples: Tensor): Tensor {
  const { graph } = samples;
  if (samples.shape.length !== 2 || samples.shape[1] !== CLIP_SAMPLES) {
    throw new GraphError(`Features: ${describe(samples)} must be [batch, ${CLIP_SAMPLES}]`);
  }
  return graph.within('features', () => {
    const whole = graph.within('stft', () => preciseSpectrum(samples));
    const magnitude = magnitudeOf(whole);
    const mel = graph.within('mel', () => melPower(magnitude));
    const harmonic = graph.within('harmonic', () => inverseSpectrum(harmonicPart(whole, magnitude)));
    const harmonicMagnitude = graph.within('harmonic', () => magnitudeOf(spectrum(harmonic)));
    return concat(
      [
        graph.within('mfcc', () => asRows(mfcc(mel))),
        graph.within('chroma', () => chromaOfSpectrum(magnitude)),
        asRows(mel),
        graph.within('contrast', () => asRows(contrast(magnitude))),
        graph.within('tonnetz', () => tonnetz(harmonic, harmonicMagnitude)),
      ],
      1,
    );
  });
}
