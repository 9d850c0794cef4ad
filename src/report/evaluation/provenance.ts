import { escaped } from '../../../models/html.ts';
import type { EvaluationFindings } from './findings.ts';

/** What the model is, what it learnt from and with which settings, and what it was evaluated on. */
export function provenanceSection({ model, of, date, figures }: EvaluationFindings): string {
  const { description, fingerprint, folder, engine } = model;
  const { architecture, data, folds, sigma, constant, uncertainty } = description;
  const rows: [name: string, text: string][] = [
    ['model', `${architecture.name} in ${folder}`],
    ['weights', fingerprint],
    ['trained', description.date],
    ['run by', engine],
    ['evaluated', `${date}, split ${of.split}: ${figures.n.images} pictures, ${figures.n.clips} clips`],
    ...(of.images === undefined ? [] : [['pictures', of.images] as [string, string]]),
    ...(of.music === undefined ? [] : [['music', of.music] as [string, string]]),
    ['σ', sigma.toFixed(4)],
    [
      'constants',
      `pictures ${mood(constant.image)}, music ${mood(constant.music)}, similarity ${constant.similarity.toFixed(3)}`,
    ],
    ...(uncertainty === undefined
      ? []
      : [
          [
            'errors',
            `pictures ${mood(uncertainty.image)}, music ${mood(uncertainty.music)} (root mean square, on data that was left out)`,
          ] as [string, string],
        ]),
    ...(folds === undefined
      ? []
      : ([
          ['folds, pictures', folds.pictures],
          ['folds, music', folds.music],
          ['choices', folds.nested],
        ] as [string, string][])),
  ];
  const sets = data.map(
    ({ name, kind, files, labels, splits, terms }) =>
      `<tr>${[name, kind === 'image' ? 'pictures' : 'music', String(files), labels, splits?.join(', ') ?? 'unknown', terms].map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
  );
  const settings = flattened(architecture.settings).map(
    ([name, value]) => `<tr><td>${escaped(name)}</td><td><code>${escaped(value)}</code></td></tr>`,
  );
  return `<dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${escaped(text)}</dd>`).join('\n')}</dl>
${sets.length === 0 ? '<p class="why">The model does not say what it learnt from.</p>' : `<table><caption>what it learnt from</caption><tr><th>set</th><th></th><th>files</th><th>labels</th><th>splits</th><th>terms</th></tr>${sets.join('\n')}</table>`}
<details><summary>Settings (${settings.length})</summary><table>${settings.join('\n')}</table></details>`;
}

function mood({ valence, arousal }: { readonly valence: number; readonly arousal: number }): string {
  return `valence ${valence.toFixed(3)} arousal ${arousal.toFixed(3)}`;
}

/** Settings within settings as `training.picture.gamma`. */
function flattened(value: unknown, name = ''): [name: string, value: string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[name, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattened(inner, name === '' ? key : `${name}.${key}`),
  );
}
