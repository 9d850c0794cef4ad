import t from 'tap';
import type { Example } from '../../../../models/training/on-encoders/examples.ts';
import { fitAttention } from '../../../../models/training/on-encoders/fit-attention.ts';
import type { OutOfFoldPrediction } from '../../../../models/training/on-encoders/out-of-fold.ts';

const CLIPS = 12;

/** Readings with errors that change from clip to clip; embeddings that tell songs apart, or tell nothing. */
function songs({ count, telling }: { readonly count: number; readonly telling: boolean }) {
  const set = { name: 'formula' } as Example['set'];
  const examples: Example[] = [];
  const predictions: OutOfFoldPrediction[] = [];
  for (let song = 0; song < count; song++) {
    const rating = { valence: ((song * 7) % 10) / 10, arousal: ((song * 3) % 10) / 10 };
    for (let clip = 0; clip < CLIPS; clip++) {
      const error = 0.2 * Math.sin(12.9 * (song * CLIPS + clip));
      const embedding = new Float32Array(count);
      embedding[telling ? song : 0] = 1;
      examples.push({ set, rating, group: `song ${song}` } as Example);
      predictions.push({
        example: examples.length - 1,
        fold: song % 5,
        valence: rating.valence + error,
        arousal: rating.arousal - error,
        embedding,
      });
    }
  }
  return { side: { examples }, predictions };
}

t.test('embeddings that tell songs apart are looked at, and that is better than a window over time', (t) => {
  const { side, predictions } = songs({ count: 30, telling: true });
  const { attention, figures } = fitAttention(side, predictions, 1)!;
  t.ok(attention.sharpness > 0, `sharpness ${attention.sharpness}`);
  t.ok(attention.seconds >= 12, `${attention.seconds} s`);
  const part = figures['attentionMseOfConstants']! / figures['smoothingMseOfConstants']!;
  t.ok(part < 0.8, `${part} of the error`);
  t.same(fitAttention(side, predictions, 1), { attention, figures }, 'the same again');
  t.end();
});

t.test('embeddings that tell nothing leave the window over time', (t) => {
  const { side, predictions } = songs({ count: 30, telling: false });
  const { figures } = fitAttention(side, predictions, 1)!;
  t.equal(figures['attentionMseOfConstants'], figures['smoothingMseOfConstants']);
  t.end();
});

t.test('nothing is chosen from songs that are all alike, or from one fold', (t) => {
  const { side, predictions } = songs({ count: 10, telling: true });
  t.equal(
    fitAttention(
      side,
      predictions.filter(({ fold }) => fold === 0),
      1,
    ),
    undefined,
  );
  const alike = side.examples.map((example) => ({ ...example, rating: { valence: 0.5, arousal: 0.5 } }));
  t.equal(fitAttention({ examples: alike }, predictions, 1), undefined);
  t.end();
});
