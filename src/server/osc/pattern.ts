/** Matches a piece of an address that begins at a position. @returns where it may end */
type Token = (address: string, at: number) => readonly number[];

const SPECIAL = /[*?[\]{}]|\/\//;

/**
 * Whether the address pattern of a message covers an address: `?`, `*`, `[a-z]`, `[!a-z]`, `{one,other}` as in OSC 1.0, and `//` for any
 * number of levels as in 1.1. Takes time in proportion to both lengths, whatever the pattern.
 */
export function coversAddress(pattern: string, address: string): boolean {
  if (!SPECIAL.test(pattern)) return pattern === address;
  const tokens = tokensOf(pattern);
  if (tokens === undefined) return false;
  let ends = new Set([0]);
  for (const token of tokens) {
    ends = new Set([...ends].flatMap((at) => token(address, at)));
    if (ends.size === 0) return false;
  }
  return ends.has(address.length);
}

/** @returns undefined for a pattern with a bracket that has no end */
function tokensOf(pattern: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    const close = char === '[' ? ']' : char === '{' ? '}' : undefined;
    if (close !== undefined) {
      const end = pattern.indexOf(close, at);
      if (end < 0) return undefined;
      const inside = pattern.slice(at + 1, end);
      tokens.push(char === '[' ? oneOf(inside) : either(inside.split(',')));
      at = end + 1;
    } else if (pattern.startsWith('//', at)) {
      tokens.push(anyLevels);
      at += 2;
    } else {
      tokens.push(
        char === '*' ? anyText : char === '?' ? oneThat(() => true) : oneThat((c) => c === char, true),
      );
      at += 1;
    }
  }
  return tokens;
}

/** @param takesSlash elsewhere a pattern never reaches beyond its level */
function oneThat(fits: (char: string) => boolean, takesSlash = false): Token {
  return (address, at) => {
    const char = address[at];
    return char !== undefined && (takesSlash || char !== '/') && fits(char) ? [at + 1] : [];
  };
}

function anyText(address: string, at: number): number[] {
  const slash = address.indexOf('/', at);
  const last = slash < 0 ? address.length : slash;
  return Array.from({ length: last - at + 1 }, (_, i) => at + i);
}

function anyLevels(address: string, at: number): number[] {
  if (address[at] !== '/') return [];
  return Array.from({ length: address.length - at }, (_, i) => at + i)
    .filter((i) => address[i] === '/')
    .map((i) => i + 1);
}

function either(texts: readonly string[]): Token {
  return (address, at) =>
    texts.filter((text) => address.startsWith(text, at)).map((text) => at + text.length);
}

/** `a-z0` or `!a-z0`. A minus at the end is itself. */
function oneOf(inside: string): Token {
  const isNegated = inside.startsWith('!');
  const set = isNegated ? inside.slice(1) : inside;
  const ranges = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, one]) => [from ?? one!, to ?? one!] as const,
  );
  return oneThat((char) => ranges.some(([from, to]) => from <= char && char <= to) !== isNegated);
}
