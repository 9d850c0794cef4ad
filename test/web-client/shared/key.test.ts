import t from 'tap';
import { keyOf } from '../../../web-client/shared/key.ts';

const key = (key: string, code: string, shiftKey = false) => keyOf({ key, code, shiftKey });

t.test('on layouts of other scripts a key is what its place writes on a US keyboard', async (t) => {
  const layouts: [string, string, string, string][] = [
    // Script, and what B, [ and F write in it.
    ['Russian', 'и', 'х', 'а'],
    ['Ukrainian', 'и', 'х', 'а'],
    ['Bulgarian', 'ф', ',', 'о'],
    ['Greek', 'β', '[', 'φ'],
    ['Hebrew', 'נ', ']', 'כ'],
    ['Arabic', 'لا', 'ج', 'ب'],
    ['Korean', 'ㅠ', '[', 'ㄹ'],
    ['Thai', 'ิ', 'บ', 'ด'],
    ['Hindi', 'व', 'ड', 'ि'],
    ['an input method', 'Process', 'Process', 'Process'],
  ];
  for (const [name, b, bracket, f] of layouts) {
    t.equal(key(b, 'KeyB'), 'b', name);
    const upper = b === 'Process' ? b : b.toUpperCase();
    t.equal(key(upper, 'KeyB', true), 'b', `${name} with Shift or Caps Lock`);
    t.equal(key(f, 'KeyF'), 'f', name);
    if (bracket.length > 1 || bracket > '\x7f') t.equal(key(bracket, 'BracketLeft'), '[', name);
  }
  t.equal(key('١', 'Digit1'), '1', 'Arabic digits');
  t.equal(key('ю', 'Period'), '.');
  t.equal(key('Process', 'Slash', true), '?');
});

t.test('on Latin layouts a key is what it writes', async (t) => {
  t.equal(key('B', 'KeyB', true), 'b');
  t.equal(key('b', 'KeyN'), 'b', 'Dvorak');
  t.equal(key('x', 'KeyB'), 'x', 'Dvorak');
  t.equal(key('d', 'KeyH'), 'd', 'Dvorak');
  t.equal(key('a', 'KeyQ'), 'a', 'AZERTY');
  t.equal(key('z', 'KeyY'), 'z', 'QWERTZ');
  t.equal(key('ß', 'Minus'), 'ß', 'a letter is no sign');
  t.equal(key('ü', 'BracketLeft'), 'ü');
  t.equal(key('Dead', 'Equal'), 'Dead');
  t.equal(key('&', 'Digit1'), '1', 'AZERTY writes digits with Shift');
  t.equal(key('é', 'Digit2'), '2');
  t.equal(key('-', 'Digit6'), '-', 'but what has a meaning keeps it');
  t.equal(key('!', 'Digit1', true), '!', 'and so does Shift where digits need none');
  t.equal(key('?', 'Digit7', true), '?', 'as on Russian layouts, too');
  t.equal(key('ArrowLeft', 'ArrowLeft'), 'ArrowLeft');
  t.equal(key('PageDown', 'PageDown'), 'PageDown');
});
