import t from 'tap';
import { separation, sidesOf, type ManifestLine } from '../../../models/training/index.ts';
import { failure } from '../rejection.ts';

function line(columns: Record<string, string>): ManifestLine {
  return {
    line: 7,
    file: 'x',
    rating: undefined,
    split: undefined,
    startSeconds: undefined,
    endSeconds: undefined,
    id: undefined,
    columns,
  };
}

const sides = (column: string, category: string) => sidesOf('m.csv', line({ [column]: category }));

t.test('emotions and quadrants say pleasant or not, excited or calm', async (t) => {
  t.same(sides('emotion', 'excitement'), { pleasant: true, excited: true });
  t.same(sides('emotion', 'amusement'), { pleasant: true, excited: true });
  t.same(sides('emotion', 'contentment'), { pleasant: true, excited: false });
  t.same(sides('emotion', 'awe'), { pleasant: true, excited: undefined });
  t.same(sides('emotion', 'fear'), { pleasant: false, excited: true });
  t.same(sides('emotion', 'anger'), { pleasant: false, excited: true });
  t.same(sides('emotion', 'sadness'), { pleasant: false, excited: false });
  t.same(sides('emotion', 'disgust'), { pleasant: false, excited: undefined });
  t.same(sides('quadrant', 'Q1'), { pleasant: true, excited: true });
  t.same(sides('quadrant', 'Q2'), { pleasant: false, excited: true });
  t.same(sides('quadrant', 'Q3'), { pleasant: false, excited: false });
  t.same(sides('quadrant', 'Q4'), { pleasant: true, excited: false });
});

t.test('what is no category is named with its line', async (t) => {
  t.match(
    await failure('BAD_TABLE', () => sides('emotion', 'joy')),
    /m\.csv.*line 7: "joy" is not a known emotion: amusement, /,
  );
  await failure('BAD_TABLE', () => sides('quadrant', 'constructor'));
  t.match(await failure('BAD_TABLE', () => sides('genre', 'rock')), /lacks the column emotion or quadrant/);
});

t.test('areas under the curve, without those that say nothing of arousal', async (t) => {
  const item = (valence: number, arousal: number, emotion: string) => ({
    mood: { valence, arousal },
    sides: sides('emotion', emotion),
  });
  const figures = separation([
    item(0.9, 0.9, 'excitement'),
    item(0.4, 0.2, 'contentment'),
    item(0.6, 0.0, 'awe'),
    item(0.5, 0.1, 'fear'),
    item(0.1, 1.0, 'disgust'),
  ]);
  t.equal(figures.valenceAuc, 5 / 6, 'of 6 pairs only contentment is below fear');
  t.equal(figures.arousalAuc, 0.5, 'fear is below contentment, awe and disgust have no part');
});
