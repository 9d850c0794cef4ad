/** What of a KeyboardEvent says which key it is. */
interface Press {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
}

/** What the keys of a US keyboard write, without and with Shift, by their place. */
const BY_PLACE: Readonly<Record<string, readonly [string, string]>> = {
  BracketLeft: ['[', '['],
  BracketRight: [']', ']'],
  Minus: ['-', '-'],
  Equal: ['=', '+'],
  Comma: [',', ','],
  Period: ['.', '.'],
  Slash: ['/', '?'],
};

/**
 * The key of a press as the help names it: letters small, others by the names of `KeyboardEvent.key`. On layouts that
 * write other letters than Latin ones (Cyrillic, Greek, Hebrew, Arabic, Hangul, …), and while an input method has the
 * key, it is what the place of the key writes on a US keyboard.
 */
export function keyOf({ key, code, shiftKey }: Press): string {
  if (!isForeign(key)) {
    // AZERTY and others write digits with Shift only.
    const digit = /^Digit(\d)$/.exec(code)?.[1];
    if (digit !== undefined && !shiftKey && /^[^\w+\-=[\],.?]$/.test(key)) return digit;
    return key.length === 1 ? key.toLowerCase() : key;
  }
  const [, letter, digit] = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code) ?? [];
  if (letter !== undefined) return letter.toLowerCase();
  if (digit !== undefined) return digit;
  return BY_PLACE[code]?.[shiftKey ? 1 : 0] ?? key;
}

/** Whether a key writes in another script, or an input method has it. Letters as ü or ß are Latin, and stay. */
function isForeign(key: string): boolean {
  if (key === 'Process' || key === 'Unidentified') return true;
  return /(?![\p{Script=Latin}\x20-\x7e])[\p{L}\p{M}\p{Nd}]/u.test(key);
}
