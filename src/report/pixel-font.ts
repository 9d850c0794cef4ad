/** Glyphs are 5 pixels wide and 7 high; the next one starts 6 pixels further. */
const GLYPH_WIDTH = 6;
export const GLYPH_HEIGHT = 7;

/**
 * The letters that labels need, drawn for this project: a machine with only Node has no fonts. A digit of base 32 is a
 * row from the top, its highest bit the leftmost pixel.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  a: '00e1fhf',
  b: 'gguhhhu',
  c: '00eggge',
  d: '11fhhhf',
  e: '00ehvge',
  f: '68u8888',
  g: '0fhhf1e',
  h: 'gguhhhh',
  i: '40c444e',
  k: 'ggikoki',
  l: 'c44444e',
  m: '00qllll',
  n: '00uhhhh',
  o: '00ehhhe',
  p: '0uhhugg',
  r: '00moggg',
  s: '00fge1u',
  t: '88u8886',
  u: '00hhhhf',
  v: '00hhha4',
  w: '00lllla',
  x: '00ha4ah',
  y: '0hhhf1e',
  z: '00v248v',
  B: 'uhhuhhu',
  '0': 'ehjlphe',
  '1': '4c4444e',
  '2': 'eh168gv',
  '3': 'eh161he',
  '4': '26aiv22',
  '5': 'vgu11he',
  '6': 'egguhhe',
  '7': 'v124444',
  '8': 'ehhehhe',
  '9': 'ehhf11e',
  '.': '00000cc',
  '-': '000e000',
  '…': '000000l',
  ' ': '0000000',
  '·': '0004000',
};

/**
 * Calls `plot` for each inked pixel of a line of text, relative to its upper left corner.
 *
 * @throws RangeError for a character without a glyph: the program writes all labels, never a person.
 */
export function plotText(text: string, plot: (x: number, y: number) => void): void {
  Array.from(text).forEach((character, index) => {
    const glyph = GLYPHS[character];
    if (glyph === undefined)
      throw new RangeError(`the pixel font has no glyph for ${JSON.stringify(character)}`);
    for (let y = 0; y < GLYPH_HEIGHT; y++) {
      const bits = Number.parseInt(glyph[y]!, 32);
      for (let x = 0; x < 5; x++) if ((bits >> (4 - x)) & 1) plot(index * GLYPH_WIDTH + x, y);
    }
  });
}
