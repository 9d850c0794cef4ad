import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escaped } from '../../html.ts';
import { writeWhole } from '../../write-whole.ts';
import { lineChart, type Curve } from '../line-chart.ts';
import type { TrainingSettings } from './settings.ts';

type Line = Readonly<Record<string, unknown>>;

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
    lineChart('loss', [curve('loss', steps, 'loss')]),
    lineChart(
      'terms of the loss',
      terms.map((term) => curve(term, steps, term)),
    ),
    lineChart('learning rate', [curve('learning rate', steps, 'learningRate')]),
    lineChart('validation: criterion (less is better)', [curve('criterion', validations, 'criterion')]),
    lineChart('validation: mean squared error as a part of the constant’s', [
      ofConstant('similarity', 'similarity'),
      ofConstant('picture valence', 'image.valence'),
      ofConstant('picture arousal', 'image.arousal'),
      ofConstant('music valence', 'music.valence'),
      ofConstant('music arousal', 'music.arousal'),
    ]),
    lineChart('validation: part of the gap closed by the picture ranked first', [
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
    ([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(JSON.stringify(value))}</td></tr>`,
  );
  await writeWhole(
    join(out, 'report.html'),
    `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:15px/1.4 system-ui,sans-serif;max-width:1200px;margin:2em auto;padding:0 1em;color:#222}
figure{display:inline-block;margin:0 1em 1.5em 0;width:560px;max-width:100%}svg{width:100%;font-size:11px}
figcaption{font-size:13px}th{text-align:left;padding-right:1em;font-weight:normal;color:#666}td{font-family:monospace}</style></head>
<body><h1>${escaped(title)}</h1>
${stageCharts('network', lines)}
${stageCharts('moods', lines)}
<h2>Settings</h2><table>${rows.join('')}</table></body></html>
`,
  );
}
