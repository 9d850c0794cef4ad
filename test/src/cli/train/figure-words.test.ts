import t from 'tap';
import { figureTable } from '../../../../src/cli/train/figure-words.ts';

const FIGURES = {
  imageValenceR2: 0.44,
  fiArousalAuc: 0.9,
  musicArousalWithin: 0.7,
  similarityMseOfConstants: 0.75,
  galleriesFirst: 36.1,
};

t.test('figures are reported in words, with those of the built-in model beside', async (t) => {
  t.equal(
    figureTable(FIGURES, { imageValenceR2: 0.5 }),
    [
      'pictures: R² of valence                         0.440  built-in  0.500',
      'fi: AUC of arousal                              0.900',
      'music: arousal within one deviation             0.700',
      'similarity: MSE as a part of the constant’s     0.750',
      'galleries of 40: pictures that are ever first  36.100',
      '',
    ].join('\n'),
  );
});

t.test('those that are worse than the constant predictor are named in a line', async (t) => {
  const poor = { ...FIGURES, musicValenceR2: -0.1, similarityMseOfConstants: 1.2, '4qValenceAuc': 0.4 };
  t.equal(
    figureTable(poor).trimEnd().split('\n').at(-1),
    'worse than the constant predictor: similarity: MSE as a part of the constant’s (constant 1); music: R² of valence (constant 0); 4q: AUC of valence (constant 0.5)',
  );
  t.notMatch(figureTable(FIGURES), /worse/);
});

t.test('the figures that model.json has of nights are in words too', (t) => {
  const table = figureTable({ attentionMseOfConstants: 0.312, smoothingMseOfConstants: 0.336 });
  t.match(table, /^mood of a night, by attention: MSE as a part of the constant’s +0\.312$/m);
  t.match(table, /^mood of a night, by the best window: MSE as a part of the constant’s +0\.336$/m);
  t.end();
});
