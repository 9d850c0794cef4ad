/** WCAG AA: text 4.5 to 1 on the ground and on the plot, curves 3 to 1 on the plot and on the waveform. */
const COLOURS = {
  dark: {
    ...{ ground: '#14151a', plot: '#1d1f27', wave: '#3a3f51' },
    ...{ text: '#dddddd', faint: '#a0a3ad', valence: '#ffb454', arousal: '#5ccfe6' },
  },
  light: {
    ...{ ground: '#ffffff', plot: '#f1f2f6', wave: '#ccd0da' },
    ...{ text: '#222222', faint: '#595c65', valence: '#934b00', arousal: '#006379' },
  },
};

/**
 * The colours of a page as variables of CSS (`--ground`, `--text`, …), dark or light as the reader's system is. The page
 * says so by `<meta name="color-scheme" content="dark light">`.
 */
export const THEME = `:root { ${variables(COLOURS.dark)} }
@media (prefers-color-scheme: light) { :root { ${variables(COLOURS.light)} } }`;

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour}`)
    .join('; ');
}
