import { EMPTY } from 'rxjs';
import t from 'tap';
import { reportPage } from '../../../src/replay/report.ts';
import { Timeline } from '../../../src/replay/timeline.ts';
import type { ShowGallery } from '../../../src/show/index.ts';
import { catalogueOf, DEFAULT_PROGRAM_SETTINGS } from '../../../streams/program/index.ts';

const gallery = {
  catalogue: catalogueOf([]),
  changes: EMPTY,
  filesOf: (id: string) => ({
    name: `<${id}>.jpg`,
    rendition: '',
    thumbnail: '/nowhere',
    width: 4,
    height: 3,
  }),
} as unknown as ShowGallery;

async function pageOf(shown: Timeline['shown']): Promise<string> {
  const facts = { files: ['a.wav'], hopSeconds: 0.5, fingerprint: 'f', pictures: 9 };
  const timeline = new Timeline({ ...facts, settings: DEFAULT_PROGRAM_SETTINGS }, gallery);
  timeline.shown.push(...shown);
  const mood = { endSeconds: 41, valence: 0.7, arousal: 0.2, confidence: 1 };
  timeline.moods.push(mood as Timeline['moods'][number]);
  timeline.push({ step: { state: { atSeconds: 60 }, effects: [] } } as unknown as Parameters<
    Timeline['push']
  >[0]);
  return reportPage(timeline, gallery);
}

t.test('each picture that was shown is drawn once, however long it stayed', async (t) => {
  const page = await pageOf([
    { fromSeconds: 0, image: 'long', crossfadeSeconds: 1, reason: 'opening' },
    { fromSeconds: 40, image: null, crossfadeSeconds: 1, reason: 'operator' },
    { fromSeconds: 42, image: 'short', crossfadeSeconds: 0, reason: 'fit' },
    { fromSeconds: 45, image: 'long', crossfadeSeconds: 0, reason: 'dwell' },
  ]);
  t.strictSame(
    [...page.matchAll(/<use href="(#p\d)"\/><\/svg>/g)].map(([, at]) => at),
    ['#p0', '#p1', '#p0'],
  );
  t.match(page, '<title>&#60;long&#62;.jpg, 40.0 s</title>');
  t.match(page, 'viewBox="0 0 1201 280"', 'a short sound fills the page');
  t.match(
    page,
    '<tr><td>0:42</td><td>&#60;short&#62;.jpg</td><td>3.0 s</td><td>0.70, 0.20</td><td>it fits better</td><td>cut</td></tr>',
  );
  t.match(page, '<tr><td>0:00</td><td>&#60;long&#62;.jpg</td><td>40.0 s</td><td>–</td>', 'no mood yet');
});

/** WCAG 2: relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

t.test('in the dark and in the light, all can be read (WCAG AA)', async (t) => {
  const page = await pageOf([]);
  const schemes = [...page.matchAll(/:root \{ (.*?) \}/g)].map(
    ([, colours]) =>
      new Map(colours!.split('; ').map((pair) => pair.slice(2).split(': ') as [string, string])),
  );
  t.equal(schemes.length, 2);
  for (const scheme of schemes) {
    const least = (names: readonly string[], grounds: readonly string[], ratio: number) => {
      for (const name of names)
        for (const ground of grounds) {
          const found = contrast(scheme.get(name)!, scheme.get(ground)!);
          t.ok(found >= ratio, `${name} on ${ground}: ${found.toFixed(1)} to 1`);
        }
    };
    least(['text', 'faint', 'valence', 'arousal'], ['ground'], 4.5);
    least(['valence', 'arousal'], ['plot', 'wave'], 3);
  }
});
