import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../write-whole.ts';
import type { TrainingSettings } from './settings.ts';

type Line = Readonly<Record<string, unknown>>;

interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 560;
const HEIGHT = 220;
const MARGIN = { left: 60, right: 12, top: 10, bottom: 26 };
const COLOURS = ['#2b6cb0', '#c05621', '#2f855a', '#97266d', '#5a67d8', '#b7791f'];
/** More points than a curve has pixels tell nothing. */
const MOST_POINTS = 400;

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

/** A chart as SVG that needs nothing from elsewhere. */
function chart(title: string, curves: readonly Curve[]): string {
  const drawn = curves
    .map(({ name, points }) => ({
      name,
      points: points.filter(([, y]) => Number.isFinite(y)),
    }))
    .filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return '';
  const all = drawn.flatMap(({ points }) => points);
  const range = (values: readonly number[]): [number, number] => {
    const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
      Infinity,
      -Infinity,
    ] as [number, number]);
    return high > low ? [low, high] : [low - 0.5, high + 0.5];
  };
  const [left, right] = range(all.map(([x]) => x));
  const [bottom, top] = range(all.map(([, y]) => y));
  const px = (x: number): number =>
    MARGIN.left + ((x - left) / (right - left)) * (WIDTH - MARGIN.left - MARGIN.right);
  const py = (y: number): number =>
    MARGIN.top + ((top - y) / (top - bottom)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const lines = drawn.map(({ points }, i) => {
    const every = Math.ceil(points.length / MOST_POINTS);
    const kept = points.filter((_, k) => k % every === 0 || k === points.length - 1);
    const path = kept.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
    const colour = COLOURS[i % COLOURS.length]!;
    const dot = kept.length === 1 ? `<circle cx="${px(kept[0]![0])}" cy="${py(kept[0]![1])}" r="3" fill="${colour}"/>` : ''; // prettier-ignore
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${path}"/>${dot}`;
  });
  const ticks = [bottom, (bottom + top) / 2, top].map(
    (y) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${py(y)}" y2="${py(y)}" stroke="#ddd"/>` +
      `<text x="${MARGIN.left - 6}" y="${py(y) + 4}" text-anchor="end">${short(y)}</text>`,
  );
  const ends = [left, right].map(
    (x, i) => `<text x="${px(x)}" y="${HEIGHT - 8}" text-anchor="${i === 0 ? 'start' : 'end'}">${short(x)}</text>`,
  );
  const key = drawn
    .map(
      ({ name }, i) =>
        `<span style="color:${COLOURS[i % COLOURS.length]!}">■ ${escape(name)}</span>`,
    )
    .join(' ');
  return `<figure><figcaption>${escape(title)} ${key}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">${ticks.join('')}${ends.join('')}${lines.join('')}</svg></figure>`;
}

function numberAt(line: Line, path: string): number {
  const value = path
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | null | undefined)?.[key], line);
  return typeof value === 'number' ? value : NaN;
}

function curve(name: string, lines: readonly Line[], path: string): Curve {
  return { name, points: lines.map((line) => [numberAt(line, 'step'), numberAt(line, path)] as const) };
}

function quotient(name: string, lines: readonly Line[], path: string, by: string): Curve {
  return {
    name,
    points: lines.map((line) => [numberAt(line, 'step'), numberAt(line, path) / numberAt(line, by)] as const),
  };
}

function stageCharts(stage: string, lines: readonly Line[]): string {
  const own = lines.filter((line) => line['stage'] === stage);
  const steps = own.filter((line) => line['kind'] === 'step');
  const validations = own.filter((line) => line['kind'] === 'validation');
  if (steps.length === 0) return '';
  const terms = ['sim', 'va', 'cfr', 'cfm', 'sfr'];
  const ofConstant = (name: string, path: string): Curve =>
    quotient(name, validations, `${path}.mse`, `${path}.constantMse`);
  return [
    `<h2>${stage === 'network' ? 'Network' : 'Valence and arousal, afterwards'}</h2>`,
    chart('loss', [curve('loss', steps, 'loss')]),
    chart('terms of the loss', terms.map((term) => curve(term, steps, term))),
    chart('learning rate', [curve('learning rate', steps, 'learningRate')]),
    chart('validation: criterion (less is better)', [curve('criterion', validations, 'criterion')]),
    chart('validation: mean squared error as a part of the constant’s', [
      ofConstant('similarity', 'similarity'),
      ofConstant('picture valence', 'image.valence'),
      ofConstant('picture arousal', 'image.arousal'),
      ofConstant('music valence', 'music.valence'),
      ofConstant('music arousal', 'music.arousal'),
    ]),
    chart('validation: part of the gap closed by the picture ranked first', [
      curve('plane', validations, 'retrieval.plane.gapClosed'),
      curve('embedding', validations, 'retrieval.embedding.gapClosed'),
      curve('predictor', validations, 'retrieval.predictor.gapClosed'),
    ]),
  ].join('\n');
}

/** Writes report.html from metrics.jsonl: curves that open without a network. @throws SynestheteError WRITE_FAILED */
export async function writeReport(out: string, settings: TrainingSettings): Promise<void> {
  const text = await readFile(join(out, 'metrics.jsonl'), 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const title = `Training of ${settings.system}: ${settings.terms.join(', ')}`;
  const rows = Object.entries(settings).map(
    ([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(JSON.stringify(value))}</td></tr>`,
  );
  await writeWhole(
    join(out, 'report.html'),
    `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<style>body{font:15px/1.4 system-ui,sans-serif;max-width:1200px;margin:2em auto;padding:0 1em;color:#222}
figure{display:inline-block;margin:0 1em 1.5em 0;width:560px;max-width:100%}svg{width:100%;font-size:11px;fill:#555}
figcaption{font-size:13px}th{text-align:left;padding-right:1em;font-weight:normal;color:#666}td{font-family:monospace}</style></head>
<body><h1>${escape(title)}</h1>
${stageCharts('network', lines)}
${stageCharts('moods', lines)}
<h2>Settings</h2><table>${rows.join('')}</table></body></html>
`,
  );
}
