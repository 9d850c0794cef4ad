import { resolve } from 'node:path';
import t from 'tap';
import { galleryPlace } from '../../../src/cli/bundled.ts';

t.test('a gallery that is named from here is known from the root, as other programs need it', async (t) => {
  const options = { engine: 'cpu', hop: 0.5, flashLimiter: true } as const;
  t.strictSame(await galleryPlace({ ...options, gallery: 'pictures' }), { folder: resolve('pictures') });
  t.strictSame(await galleryPlace({ ...options, gallery: 'pictures', index: '../index' }), {
    folder: resolve('pictures'),
    indexFolder: resolve('../index'),
  });
});
