/**
 * Makes text that others chose (names of files and devices, messages of other programs) safe for a terminal: one line,
 * with control characters written out, so that a name can neither move the cursor nor fake a second line.
 */
export function printable(text: string): string {
  return text
    .replaceAll(/\s*[\n\r]+\s*/g, ' ')
    .replaceAll(
      /[\p{Cc}\u2028\u2029]/gu,
      (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
}
