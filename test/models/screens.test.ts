import t from 'tap';
import { isScreenSize, SCREEN_SIZES, screenSizeFor } from '../../models/screens.ts';

t.test('a screen gets the smallest size that has its pixels and little beside it', async (t) => {
  const sizeFor = (width: number, height: number): string => {
    const size = screenSizeFor({ width, height });
    return `${size.width}×${size.height}`;
  };
  t.equal(sizeFor(1920, 1080), '1920×1080', 'no more than it needs');
  t.equal(sizeFor(3840, 2160), '3840×2160');
  t.equal(sizeFor(1280, 720), '1920×1080');
  t.equal(sizeFor(1024, 768), '1600×1200', 'a projector of 4:3');
  t.equal(sizeFor(3440, 1440), '5120×2160');
  t.equal(sizeFor(1920, 1200), '2560×1440');
  t.equal(sizeFor(390, 844), '1080×1920', 'a telephone');
  t.equal(sizeFor(390 * 3, 844 * 3), '1440×2560');
  t.equal(sizeFor(2160, 3840), '2160×3840', 'a screen on its side');
  t.equal(sizeFor(1920.6, 1080.4), '1920×1080', 'a scaled desktop has parts of pixels');
  t.equal(sizeFor(7680, 4320), '3840×2160', 'larger than all: what is enlarged least');
});

t.test('there are few sizes', async (t) => {
  t.equal(SCREEN_SIZES.length, 12);
  t.ok(SCREEN_SIZES.every(isScreenSize));
  t.notOk(isScreenSize({ width: 3841, height: 2160 }));
});
