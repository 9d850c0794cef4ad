import { escaped } from '../../../models/html.ts';
import {
  calibration,
  DEVIATIONS,
  LEAST_FILES,
  lineChart,
  normalWithin,
  type LabelledPrediction,
  type RatingFigures,
} from '../../../models/training/index.ts';
import { THEME } from '../theme.ts';
import { readBuiltParts } from './built-parts.ts';
import type { EvaluationFindings, FigureBlock } from './findings.ts';
import { pageData, type PageData } from './page-data/index.ts';
import { provenanceSection } from './provenance.ts';

/** Marks a folder with a report, so that a new one may replace it. */
export const GENERATOR = '<meta name="generator" content="synesthete evaluate">';

/** Parts of the page that need files beside it or files of the model. */
export interface PageParts {
  readonly matches: { readonly best: string; readonly worst: string };
  readonly losses: string;
}

/** What the browser may do: nothing beyond this folder. (The browser's sound player has icons that are data.) */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' file: data:; media-src 'self' file:";

/**
 * The page of an evaluation: one HTML file with its script, its style and all numbers, which opens from a disk without a
 * network. Only thumbnails and the matches' pictures and sounds lie beside it.
 * @throws SynestheteError BROKEN_INSTALL where the page's script was not built
 */
export async function reportPage(
  findings: EvaluationFindings,
  { matches, losses }: PageParts,
): Promise<string> {
  const { script, style } = await readBuiltParts();
  const { data, projections } = pageData(findings);
  const { model, figures, printed, of } = findings;
  const { architecture, date } = model.description;
  const title = `What ${architecture.name} of ${date.slice(0, 10)} has learnt`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${GENERATOR}
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="dark light">
<title>${escaped(title)}</title>
<style>
${THEME}
${style}
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${figures.n.images} pictures and ${figures.n.clips} clips of ${of.split === 'all' ? 'all splits' : `the split ${escaped(of.split)}`}, evaluated ${findings.date.slice(0, 10)}.${onlyPartly(figures.n)}</p>
${inSample(findings)}
<h2>Figures</h2>
<div class="figures">${printed.map(figureBlock).join('\n')}</div>
<h2>What the model reads against what people say</h2>
${predictions(findings, data)}
<h2>The space of the embeddings</h2>
${embeddings(data, projections === null)}
<h2>Is it as sure as it may be?</h2>
${calibrations(findings)}
<h2>Best and worst matches</h2>
${matchSection(findings, matches)}
<h2>Losses</h2>
${losses}
<h2>Settings and provenance</h2>
${provenanceSection(findings)}
<div id="tip" hidden><div class="thumbnail"></div><p></p></div>
<script type="application/json" id="data">${json(data)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

/** JSON within a script element: no file name can end the element. */
function json(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

/** A table of figures, or lines of text. */
function figureBlock(block: FigureBlock): string {
  if (typeof block === 'string') {
    return block.split('\n').map((line) => `<p>${escaped(line)}</p>`).join(''); // prettier-ignore
  }
  const [head, ...rows] = block;
  const cells = (tag: 'th' | 'td', values: readonly string[]) =>
    values.map((value) => `<${tag}>${escaped(value)}</${tag}>`).join('');
  const lines = rows.map(([name, ...values]) => `<tr><th>${escaped(name!)}</th>${cells('td', values)}</tr>`);
  return `<table><tr>${cells('th', head!)}</tr>${lines.join('')}</table>`;
}

function inSample({ of }: EvaluationFindings): string {
  return of.inSample
    .map(
      (line) => `<p class="warning" role="note">${escaped(`${line[0]!.toUpperCase()}${line.slice(1)}`)}.</p>`,
    )
    .join('\n');
}

/** A file that is rated on one axis only has no place in the plane. */
function onlyPartly({ images, clips, withBoth }: EvaluationFindings['figures']['n']): string {
  if (withBoth.images === images && withBoth.clips === clips) return '';
  return ` The table judges each axis by all that have a rating of it; what is drawn here has both: ${withBoth.images} pictures and ${withBoth.clips} clips.`;
}

function canvas(data: PageData, id: string, caption: string): string {
  const panel = data.panels.find((panel) => panel.id === id)!;
  return `<figure><figcaption>${caption}</figcaption><canvas data-panel="${id}" role="img" aria-label="${escaped(`${panel.x.label} against ${panel.y.label}`)}"></canvas></figure>`;
}

function predictions({ figures }: EvaluationFindings, data: PageData): string {
  const caption = (axis: string, { r2, mse, constantMse }: RatingFigures) =>
    `<b>${axis}</b>: R² ${Number.isFinite(r2) ? r2.toFixed(3) : '–'}, squared error ${mse.toFixed(4)}, of the constant ${constantMse.toFixed(4)}`;
  const side = (group: 'image' | 'music', name: string, missing: string) => {
    const its = figures[group];
    if (its === null) return `<h3>${name}</h3><p class="why">${missing}</p>`;
    if (data.groups[group].names.length === 0)
      return `<h3>${name}</h3><p class="why">None of them has both ratings; the table has what each axis comes to.</p>`;
    const panels = (['valence', 'arousal'] as const).map((axis) =>
      canvas(data, `${group}-${axis}`, caption(axis, its[axis]!)),
    );
    return `<h3>${name}</h3><div class="row">${panels.join('\n')}</div>`;
  };
  return `<p class="hint">Thin: where prediction and rating are the same. Dashed: the constant predictor, which gives the mean of the training data for everything. Point at a dot.</p>
${side('image', 'Pictures', 'No rated pictures were given (--images).')}
${side('music', 'Music', 'No rated music was given (--music).')}`;
}

function embeddings(data: PageData, isEmpty: boolean): string {
  if (isEmpty) {
    return `<p class="why">There are fewer than ${LEAST_FILES} files, or their embeddings are all the same: there are no directions to look along.</p>`;
  }
  const missing = (['image', 'music'] as const).filter((group) => data.groups[group].names.length === 0);
  const row = (plane: string) =>
    `<div class="row">${(['valence', 'arousal'] as const)
      .map((colour) =>
        canvas(
          data,
          `${plane}-${colour}`,
          `by ${colour} <span class="ramp"></span> ${data.colours[colour].map((end) => end.toFixed(2)).join(' … ')}`,
        ),
      )
      .join('\n')}</div>`;
  return `<p class="hint">Pictures ● and music ▲ in one plane. Each of the two counts half, and a song once, however many clips it has.${missing.length === 0 ? '' : ` No ${missing[0] === 'image' ? 'pictures' : 'music'} were given.`}</p>
<form class="choices">
<label><input type="checkbox" data-group="image" checked> pictures</label>
<label><input type="checkbox" data-group="music" checked> music</label>
<label>coloured by what <select id="colour-by"><option value="said">people say</option><option value="read">the model reads</option></select></label>
</form>
<h3>Principal components</h3>
${row('principal')}
<h3>The directions that predict valence and arousal best</h3>
<p class="hint">By least squares on what people say, with the penalty that predicts held-out files best; R² is of those.</p>
${row('moods')}`;
}

function calibrations({ pictures, clips }: EvaluationFindings): string {
  const side = (items: readonly LabelledPrediction[], name: string) => {
    if (items.length === 0) return `<p class="why">There are no predictions for ${name} to judge.</p>`;
    const found = calibration(items);
    const curve = (axis: 'valence' | 'arousal') => ({
      name: axis,
      points: [[0, 0] as const, ...DEVIATIONS.map((k, i) => [k, found[axis].within[i]!] as const)],
    });
    const normal = {
      name: 'normal distribution',
      isReference: true,
      points: [0, ...DEVIATIONS].map((k) => [k, normalWithin(k)] as const),
    };
    const chart = lineChart(
      `${name}: share within so many deviations`,
      [curve('valence'), curve('arousal'), normal],
      {
        x: [0, 3],
        y: [0, 1],
      },
    );
    const share = (part: number) => `${(100 * part).toFixed(0)} %`;
    const within = (axis: 'valence' | 'arousal', k: number) =>
      share(found[axis].within[DEVIATIONS.indexOf(k)]!);
    const rows = (['valence', 'arousal'] as const).map(
      (axis) =>
        `<tr><th>${axis}</th><td>${within(axis, 1)}</td><td>${within(axis, 2)}</td><td>${found[axis].ratio.toFixed(2)}</td></tr>`,
    );
    return `<div>${chart}<table><caption>${items.length} ${name === 'music' ? 'clips' : name}</caption><tr><th></th><th>within 1</th><th>within 2</th><th>error / deviation</th></tr>${rows.join('')}<tr><th>normal</th><td>${share(normalWithin(1))}</td><td>${share(normalWithin(2))}</td><td>1.00</td></tr></table></div>`;
  };
  return `<p class="hint">The share of what people say within so many predicted deviations of the prediction. Below the dashed curve the model is too sure; above it, not sure enough. Clips of one song have much the same error: music counts for fewer than its clips.</p>
<div class="row">${side(pictures, 'pictures')}${side(clips, 'music')}</div>`;
}

function matchSection({ figures }: EvaluationFindings, { best, worst }: PageParts['matches']): string {
  if (figures.retrieval === null) {
    return '<p class="why">Matches are of music and pictures: give both --images and --music.</p>';
  }
  const { top1Distance, randomDistance } = figures.retrieval;
  return `<p class="hint">For each clip, the picture that is ranked first; distances are of what people say of the two, ${top1Distance.toFixed(3)} on average, ${randomDistance.toFixed(3)} of a picture by chance. A picture or a song is shown once among the best, and once among the worst.</p>
<h3>Best</h3><div class="row matches">${best}</div>
<h3>Worst</h3>${worst === '' ? '<p class="why">There are too few songs for worst matches beside the best.</p>' : `<div class="row matches">${worst}</div>`}`;
}
