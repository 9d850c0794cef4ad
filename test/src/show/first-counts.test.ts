import t from 'tap';
import { FirstCounts } from '../../../src/show/first-counts.ts';

t.test(
  'each first picture counts, the most frequent is reported, and another model starts again',
  async (t) => {
    const counts = new FirstCounts();
    t.strictSame(counts.summary(), { clips: 0, pictures: 0, most: null });
    for (const id of ['a', 'b', 'b', 'c', 'b', 'a', 'a', 'a']) counts.add(id);
    t.strictSame(counts.summary(), { clips: 8, pictures: 3, most: { id: 'a', part: 0.5 } });
    counts.clear();
    counts.add('c');
    t.strictSame(counts.summary(), { clips: 1, pictures: 1, most: { id: 'c', part: 1 } });
  },
);

t.test('its memory is bounded: of more pictures than it has room for the clips are counted', async (t) => {
  const counts = new FirstCounts();
  for (let i = 0; i < 60_000; i++) counts.add(String(i));
  counts.add('7');
  t.strictSame(counts.summary(), { clips: 60_001, pictures: 50_000, most: { id: '7', part: 2 / 60_001 } });
});
