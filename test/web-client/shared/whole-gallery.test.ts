import t from 'tap';
import { askGallery } from '../../../web-client/shared/whole-gallery.ts';

const entries = (ids: readonly string[]) =>
  ids.map((id) => ({
    ...{ id, file: `${id}.jpg`, bank: null, valence: 0.5, arousal: 0.5, unsafe: false },
    ...{ reading: { valence: 0.5, arousal: 0.5 }, hand: null, width: 640, height: 480, banned: false },
  }));

t.test('a gallery is fetched page by page, and again when it changes meanwhile', async (t) => {
  const paths: string[] = [];
  const answers = [
    { total: 501, revision: 'old', pictures: entries(['a', 'gone']) },
    { total: 501, revision: 'new', pictures: entries(['c']) },
    { total: 501, revision: 'new', pictures: entries(['a', 'b']) },
    { total: 501, revision: 'new', pictures: entries(['c']) },
  ];
  const { revision, pictures } = await askGallery((path) => {
    paths.push(path);
    return Promise.resolve(answers[paths.length - 1]!);
  });
  t.equal(revision, 'new');
  t.strictSame([...pictures.keys()], ['a', 'b', 'c']);
  t.strictSame(
    paths.map((path) => new URLSearchParams(path.split('?')[1]).get('offset')),
    ['0', '500', '0', '500'],
  );
});

t.test('an empty gallery is one page', async (t) => {
  const { pictures } = await askGallery(() => Promise.resolve({ total: 0, revision: 'x', pictures: [] }));
  t.equal(pictures.size, 0);
});
