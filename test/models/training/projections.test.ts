import t from 'tap';
import { projectEmbeddings, type EmbeddedItem } from '../../../models/training/index.ts';

/** Numbers in [−0.5, 0.5) that look random and are always the same. */
function noise(i: number): number {
  const mixed = Math.imul(i + 1, 0x9e3779b1) ^ 0x5bd1e995;
  const again = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return ((again ^ (again >>> 13)) >>> 0) / 2 ** 32 - 0.5;
}

/** Moods in two of the directions, larger things that have nothing to do with them in others. */
function item(i: number, width = 24): EmbeddedItem {
  const label = { valence: 0.5 + noise(i), arousal: 0.5 + noise(1000 + i) };
  const embedding = new Float32Array(width);
  embedding[3] = 6 * noise(2000 + i);
  embedding[7] = 2 * noise(3000 + i);
  embedding[10] = 0.2 * label.valence + 5;
  embedding[11] = -0.1 * label.arousal;
  return { file: `${i}`, embedding, label };
}

const images = Array.from({ length: 60 }, (_, i) => item(i));
const clips = Array.from({ length: 40 }, (_, i) => item(100 + i));

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (of: (i: number) => number) => a.reduce((total, _, i) => total + of(i), 0);
  const both = sum((i) => (a[i]! - ma) * (b[i]! - mb));
  return both / Math.sqrt(sum((i) => (a[i]! - ma) ** 2) * sum((i) => (b[i]! - mb) ** 2));
}

const column = (points: Float32Array, axis: number) => Array.from(points).filter((_, i) => i % 2 === axis);

t.test('principal components are the directions of most variance, in one plane for all', async (t) => {
  const { principal } = projectEmbeddings([images, clips])!;
  t.equal(principal.points[0]!.length, 120);
  t.equal(principal.points[1]!.length, 80);
  const third = images.map(({ embedding }) => embedding[3]!);
  const seventh = images.map(({ embedding }) => embedding[7]!);
  t.ok(Math.abs(correlation(column(principal.points[0]!, 0), third)) > 0.95);
  t.ok(Math.abs(correlation(column(principal.points[0]!, 1), seventh)) > 0.95);
  const [first, second] = principal.axes.map(({ varianceShare }) => varianceShare);
  t.ok(first! > second! && second! > 0.05 && first! + second! < 1, `${first} ${second}`);
});

t.test('valence and arousal follow from the directions that have them', async (t) => {
  const { moods } = projectEmbeddings([images, clips])!;
  for (const [axis, name] of [
    [0, 'valence'],
    [1, 'arousal'],
  ] as const) {
    t.ok(moods.axes[axis].r2 > 0.98, `${name}: ${moods.axes[axis].r2}`);
    column(moods.points[1]!, axis).forEach((value, i) => {
      t.ok(Math.abs(value - clips[i]!.label[name]) < 0.1, `${name} in its own units`);
    });
  }
});

t.test(
  'labels that have nothing to do with the embeddings are not told, however many directions there are',
  async (t) => {
    const blind = [images, clips].map((items) =>
      items.map(({ file, label }, i) => ({
        file,
        label,
        embedding: Float32Array.from({ length: 300 }, (_, k) => noise(97 * i + 7001 * k + Number(file))),
      })),
    );
    const { moods } = projectEmbeddings(blind)!;
    for (const { r2 } of moods.axes) t.ok(r2 < 0.15, `${r2}`);
  },
);

t.test('each group and each file counts once, however many pictures or clips there are', async (t) => {
  const long = clips.flatMap((clip, i) => Array.from({ length: i === 0 ? 500 : 1 }, () => clip));
  const once = projectEmbeddings([images, clips])!;
  const often = projectEmbeddings([images, long])!;
  // A mean of 500 is rounded otherwise than what it is the mean of.
  once.principal.points[0]!.forEach((value, i) => {
    t.ok(Math.abs(often.principal.points[0]![i]! - value) < 1e-6);
  });
});

t.test('where there is nothing to see, it says so', async (t) => {
  t.equal(projectEmbeddings([[], []]), null);
  t.equal(projectEmbeddings([images.slice(0, 3), []]), null);
  t.equal(projectEmbeddings([images.map((image) => ({ ...image, embedding: new Float32Array(8) }))]), null);
  const line = images.map(({ embedding, ...rest }) => ({
    ...rest,
    embedding: embedding.map((v, k) => (k === 3 ? v : 0)),
  }));
  t.equal(projectEmbeddings([line])!.principal.axes[1].varianceShare, 0, 'one direction only');
});
