import fc from 'fast-check';
import t from 'tap';
import { cutFor, isCopyEnough } from '../../../../models/gallery/renditions/geometry.ts';
import { FITS, SCREEN_SIZES, type Screen } from '../../../../models/screens.ts';

const UHD = { width: 3840, height: 2160 };
const HD = { width: 1920, height: 1080 };
const PANORAMA = { width: 30_000, height: 2000 };

t.test('what of a picture is cut for a screen, and its size', async (t) => {
  const size = (picture: typeof UHD, screen: Screen) => {
    const { width, height } = cutFor(picture, screen);
    return [width, height];
  };
  t.strictSame(size({ width: 5000, height: 3000 }, { ...UHD, fit: 'cover' }), [3840, 2160]);
  t.strictSame(size({ width: 5000, height: 3000 }, { ...UHD, fit: 'contain' }), [3600, 2160]);
  t.strictSame(size({ width: 5000, height: 3000 }, { ...UHD, fit: 'pan' }), [3840, 2304]);
  t.strictSame(size(PANORAMA, { ...HD, fit: 'cover' }), [1920, 1080]);
  t.strictSame(size(PANORAMA, { ...HD, fit: 'pan' }), [3840, 1080], 'two screens long');
  t.strictSame(size(PANORAMA, { ...HD, fit: 'contain' }), [1920, 128]);
  t.strictSame(size(PANORAMA, { ...UHD, fit: 'cover' }), [3556, 2000], 'never enlarged');
  t.strictSame(size({ width: 1200, height: 1600 }, { ...UHD, fit: 'cover' }), [1200, 675]);
});

t.test('the part has the focus as near to its middle as can be', async (t) => {
  const screen = { ...HD, fit: 'cover' } as const;
  t.match(cutFor(PANORAMA, screen, { x: 0.8, y: 0.5 }).part, { left: 22_222, top: 0, width: 3556 });
  t.match(cutFor(PANORAMA, screen, { x: 0.01, y: 0.5 }).part, { left: 0 });
  t.match(cutFor(PANORAMA, screen, { x: 1, y: 0.5 }).part, { left: 30_000 - 3556 });
});

t.test('the copy of 1920 pixels does where nothing else would be better', async (t) => {
  const isEnough = (picture: typeof UHD, screen: Screen) => isCopyEnough(picture, 1920, screen);
  t.ok(isEnough({ width: 6000, height: 4000 }, { ...HD, fit: 'contain' }));
  t.ok(isEnough({ width: 5000, height: 3000 }, { ...HD, fit: 'cover' }), 'only its edges are lost');
  t.notOk(isEnough({ width: 5000, height: 3000 }, { ...UHD, fit: 'cover' }), 'not sharp enough');
  t.notOk(isEnough({ width: 5000, height: 3000 }, { ...UHD, fit: 'contain' }));
  t.notOk(isEnough({ width: 1200, height: 1800 }, { ...HD, fit: 'cover' }), 'a portrait keeps its head');
  t.ok(isEnough({ width: 1200, height: 1800 }, { ...UHD, fit: 'contain' }), 'the picture has no more pixels');
  t.notOk(isEnough(PANORAMA, { ...HD, fit: 'cover' }));
});

t.test('any cut lies within its picture, and is no larger than it', async () => {
  const side = fc.integer({ min: 1, max: 40_000 });
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const screens = SCREEN_SIZES.flatMap((size) => FITS.map((fit): Screen => ({ ...size, fit })));
  fc.assert(
    fc.property(side, side, fc.constantFrom(...screens), unit, unit, (width, height, screen, x, y) => {
      const { part, ...size } = cutFor({ width, height }, screen, { x, y });
      return (
        part.left >= 0 &&
        part.top >= 0 &&
        part.left + part.width <= width &&
        part.top + part.height <= height &&
        size.width >= 1 &&
        size.height >= 1 &&
        size.width <= part.width + 1 &&
        size.height <= part.height + 1 &&
        size.width <= 2 * screen.width + 1 &&
        size.height <= 2 * screen.height + 1
      );
    }),
  );
});
