import t from 'tap';
import { completeSettings } from '../../../../models/training/end-to-end/index.ts';
import type { RunOutcome } from '../../../../src/cli/compare/outcome.ts';
import { asMarkdown, asText } from '../../../../src/cli/compare/print-tables.ts';
import { COMPARED_SYSTEMS, plannedRuns } from '../../../../src/cli/compare/runs.ts';
import { settingsOfRun } from '../../../../src/cli/compare/settings.ts';
import { spreadOf } from '../../../../src/cli/compare/spread.ts';
import { comparisonTables, settingsLine } from '../../../../src/cli/compare/tables.ts';

function outcome(name: string, seed: number, ownSettings: Record<string, unknown> = {}): RunOutcome {
  const run = { ...COMPARED_SYSTEMS.find((system) => system.name === name)!, seed };
  const figures = {
    ...{ n: { images: 3, clips: 4, pairs: 12 }, sigma: 0.4, similarity: null, image: null, music: null },
    pairs: { n: 7, isListed: true, similarity: null, image: null, music: null },
  };
  const validation = { ...figures, retrieval: {} };
  return {
    ...{
      name,
      seed,
      ownSettings,
      validation,
      test: { ...validation, sigma: 0.3 },
      engine: 'cpu (2 threads)',
    },
    settings: completeSettings(settingsOfRun(run, { l3: ownSettings }, { pairsForm: 'sampled' })),
    trainedOn: { images: 3, clips: 4, listedPairs: null },
    ...{ ranking: 'plane', steps: 1, bestEpoch: 1, seconds: 1 },
  };
}

t.test('a table says what was not alike, what is missing, and that val has chosen the epoch', (t) => {
  const outcomes = [
    outcome('l3-net', 1, { imageSize: 64, width: 16, embedding: 128 }),
    outcome('cdcml', 1),
    outcome('cdcml', 2),
    outcome('acp-net', 2),
  ];
  const [systems, , , , terms] = comparisonTables(outcomes, 'test');
  t.match(systems!.title, /, test pairs \(7, listed in a file; σ 0\.3000\)$/);
  t.same(systems!.notes, [
    'the split val has chosen the epoch of each run, and what it ranks by',
    'L3-Net: so far of seed 1 alone',
    'ACP-Net: so far of seed 2 alone',
    'L3-Net was trained with imageSize 64, width 16, embedding 128, unlike the others',
    'L3-Net learns its pictures and sounds from random weights',
    'ACP-Net never trains its picture network',
  ]);
  t.same(terms!.notes, ['the split val has chosen the epoch of each run, and what it ranks by']);
  t.match(comparisonTables(outcomes, 'val')[1], { title: /all pairs of val/, notes: [/flatter/] });
  t.equal(
    settingsLine(outcomes),
    'seeds 1, 2 (mean ± deviation); 30 epochs, batch 128, sgd 0.001 × 0.1 every 10 epochs; pictures by efficientnet-lite0, frozen; trained on 3 pictures and 4 clips, five pairs a clip; cpu (2 threads)',
  );
  t.same(comparisonTables([], 'test'), []);
  t.end();
});

t.test('figures are printed with their deviation, what is missing as a dash', (t) => {
  t.same(spreadOf([0.1, 0.3]), { mean: 0.2, deviation: Math.sqrt(0.02), values: [0.1, 0.3] });
  t.same(spreadOf([0.5]), { mean: 0.5, deviation: null, values: [0.5] });
  t.equal(spreadOf([0.5, null]), null);
  const table = {
    title: 'T',
    columns: ['', 'a', 'b', 'steps'],
    rows: [
      ['constant', 0.123456, null, null],
      ['CDCML', spreadOf([0.1, 0.3]), spreadOf([0.5]), '12'],
    ],
    notes: ['n'],
  };
  t.equal(asText(table), 'T\n                        a       b  steps\nconstant           0.1235       –      –\nCDCML     0.2000 ± 0.1414  0.5000     12\nn\n'); // prettier-ignore
  t.equal(
    asMarkdown(table),
    '**T**\n\n|  | a | b | steps |\n| --- | ---: | ---: | ---: |\n| constant | 0.1235 | – | – |\n| CDCML | 0.2000 ± 0.1414 | 0.5000 | 12 |\n\n- n\n',
  );
  t.end();
});

t.test('every system has the same settings but for what it is; whole tables come before L3-Net', (t) => {
  const runs = plannedRuns([4, 5]);
  t.same(runs.slice(0, 2).map(({ name, seed }) => [name, seed]), [['acp-net', 4], ['cdcml', 4]]); // prettier-ignore
  t.same(runs.slice(-2).map(({ name, seed }) => [name, seed]), [['l3-net', 4], ['l3-net', 5]]); // prettier-ignore
  const own = { optimiser: 'adamw', l3: { imageSize: 64 } };
  const given = runs.map((run) => settingsOfRun(run, own, { epochs: 7, endToEnd: true }));
  t.ok(given.every(({ epochs, optimiser, frozen, l3 }) => epochs === 7 && optimiser === 'adamw' && frozen === false && l3 === undefined)); // prettier-ignore
  t.same(new Set(given.map(({ imageSize }) => imageSize)), new Set([undefined, 64]));
  t.equal(settingsOfRun(runs[0]!, {}, {})['frozen'], true);
  const refused = (l3: unknown) => () => settingsOfRun(runs[0]!, { l3 }, {});
  t.throws(refused({ seed: 1 }), /seed in --settings is for compare to choose/);
  t.throws(refused(64), /l3 in --settings must be an object of settings/);
  t.end();
});
