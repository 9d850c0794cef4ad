import t from 'tap';
import {
  embeddingRanking,
  PLANE_RANKING,
  pictureVectors,
  type Prediction,
} from '../../../models/model/index.ts';
import { byHand, HAND_SD } from '../../../models/moods/index.ts';
import { rank, spreadOf } from '../../../models/ranking/index.ts';
import { targetOf } from '../../../streams/matching/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

const NIGHT = { mean: { valence: 0.5, arousal: 0.5 }, sd: { valence: 0.2, arousal: 0.2 } };
const none = { valence: 0, arousal: 0 };

t.test('the mood is stretched and then pushed, and its uncertainty is stretched with it', async (t) => {
  const gallery = { mean: { valence: 0.3, arousal: 0.5 }, sd: { valence: 0.1, arousal: 0.1 } };
  const push = { valence: 0.2, arousal: -0.1 };
  const prediction = formulaReading(0.7, 0.5);
  const absolute = targetOf(prediction, NIGHT, { gallery, fit: 0, offset: push });
  t.strictSame(absolute, { prediction, offset: push }, 'absolute: the push alone');
  const relative = targetOf(prediction, NIGHT, { gallery, fit: 1, offset: push });
  const near = (found: number, expected: number) => t.ok(Math.abs(found - expected) < 1e-12, `${found}`);
  near(relative.prediction.valence + relative.offset.valence, 0.4 + 0.2);
  near(relative.prediction.arousal + relative.offset.arousal, 0.5 - 0.1);
  near(relative.prediction.valenceSd, prediction.valenceSd / 2);
  t.strictSame(
    targetOf(prediction, NIGHT, { gallery: undefined, fit: 1, offset: none }).offset,
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
        const { prediction, offset } = targetOf(formulaReading(valence, 0.5), NIGHT, {
          gallery: spreadOf(pictures),
          fit,
          offset: none,
        });
        const request = { prediction, offset, allowed: new Uint8Array(5).fill(1), count: 1, alsoIndices: [] };
        return rank(PLANE_RANKING, loaded, request).best[0]!.index;
      });
    t.strictSame(firsts(0), [0, 0, 0, 0, 0]);
    t.strictSame(firsts(1), [0, 1, 2, 3, 4]);
  },
);

t.test('a mood by hand: the place in the plane, and a push to what ranks by embeddings', async (t) => {
  const heard = formulaReading(0.2, 0.2, Float32Array.of(1, 0));
  const hand = byHand(heard, { valence: 0.9 });
  const aim = { gallery: undefined, fit: 0, offset: { valence: 0, arousal: 0.1 } };
  const { prediction, offset } = targetOf(hand, NIGHT, aim);
  const near = (found: number, expected: number) => t.ok(Math.abs(found - expected) < 1e-12, `${found}`);
  near(prediction.valence + offset.valence, 0.9);
  near(prediction.arousal + offset.arousal, 0.3);
  t.same([prediction.valence, prediction.valenceSd], [0.2, HAND_SD]);

  // Both embeddings are as near, and the music sounds like the moods of neither more.
  const pictures = [
    formulaReading(0.1, 0.2, Float32Array.of(0, 1)),
    formulaReading(0.9, 0.2, Float32Array.of(0, -1)),
  ];
  for (const ranking of [PLANE_RANKING, embeddingRanking(2)]) {
    const loaded = {
      count: 2,
      vectors: pictureVectors(pictures, ranking.width, (one) => ranking.pictureVector(one)),
      moods: Float32Array.from(pictures.flatMap(({ valence, arousal }) => [valence, arousal])),
    };
    const first = (music: Prediction) => {
      const request = {
        ...targetOf(music, NIGHT, { ...aim, offset: none }),
        allowed: new Uint8Array(2).fill(1),
      };
      return rank(ranking, loaded, { ...request, count: 1, alsoIndices: [] }).best[0]!.index;
    };
    t.same([first(heard), first(hand)], [0, 1], ranking.score);
  }
});
