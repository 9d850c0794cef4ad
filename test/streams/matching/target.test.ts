import t from 'tap';
import { PLANE_RANKING, pictureVectors } from '../../../models/serving/index.ts';
import { rank, spreadOf } from '../../../models/ranking/index.ts';
import { targetOf } from '../../../streams/matching/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

const NIGHT = { mean: { valence: 0.5, arousal: 0.5 }, sd: { valence: 0.2, arousal: 0.2 } };
const none = { valence: 0, arousal: 0 };

t.test('the mood is stretched and then pushed, and its uncertainty is stretched with it', async (t) => {
  const gallery = { mean: { valence: 0.3, arousal: 0.5 }, sd: { valence: 0.1, arousal: 0.1 } };
  const push = { valence: 0.2, arousal: -0.1 };
  const reading = formulaReading(0.7, 0.5);
  const absolute = targetOf(reading, NIGHT, { gallery, fit: 0, offset: push });
  t.strictSame(absolute, { reading, offset: push }, 'absolute: the push alone');
  const relative = targetOf(reading, NIGHT, { gallery, fit: 1, offset: push });
  const near = (found: number, expected: number) => t.ok(Math.abs(found - expected) < 1e-12, `${found}`);
  near(relative.reading.valence + relative.offset.valence, 0.4 + 0.2);
  near(relative.reading.arousal + relative.offset.arousal, 0.5 - 0.1);
  near(relative.reading.valenceSd, reading.valenceSd / 2);
  t.strictSame(
    targetOf(reading, NIGHT, { gallery: undefined, fit: 1, offset: none }).offset,
    none,
    'no pictures',
  );
});

t.test(
  'a gallery of one mood stands still under an absolute fit, and moves under a relative one',
  async (t) => {
    // All pictures are glad; the music goes from sad to half glad.
    const pictures = [0.8, 0.83, 0.86, 0.89, 0.92].map((valence) => formulaReading(valence, 0.5));
    const loaded = {
      count: pictures.length,
      vectors: pictureVectors(pictures, PLANE_RANKING.width, (one) => PLANE_RANKING.pictureVector(one)),
      moods: Float32Array.from(pictures.flatMap(({ valence, arousal }) => [valence, arousal])),
    };
    const firsts = (fit: number) =>
      [0.2, 0.35, 0.5, 0.65, 0.8].map((valence) => {
        const { reading, offset } = targetOf(formulaReading(valence, 0.5), NIGHT, {
          gallery: spreadOf(pictures),
          fit,
          offset: none,
        });
        const request = { reading, offset, allowed: new Uint8Array(5).fill(1), count: 1, alsoIndices: [] };
        return rank(PLANE_RANKING, loaded, request).best[0]!.index;
      });
    t.strictSame(firsts(0), [0, 0, 0, 0, 0]);
    t.strictSame(firsts(1), [0, 1, 2, 3, 4]);
  },
);
