import t from 'tap';
import { firsts } from '../../../web-client/console/firsts.ts';

const pictures = { total: 80, allowed: 76, revision: '' };
const nameOf = (id: string) => (id === 'a' ? 'sea/storm.jpg' : undefined);

t.test('what was first how often, in a line', async (t) => {
  const found = { clips: 250, pictures: 31, most: { id: 'a', part: 0.118 } };
  t.equal(
    firsts({ firsts: found, pictures }, nameOf).label,
    '31 of 76 pictures have fitted the music best so far, most often sea/storm.jpg (12 % of the time)',
  );
  const gone = { ...found, most: { id: 'b', part: 1 } };
  t.match(
    firsts({ firsts: gone, pictures }, nameOf).label,
    /most often b \(100 % of the time\)/,
    'by its id when it is gone',
  );
  const fewer = firsts({ firsts: found, pictures: { ...pictures, allowed: 20 } }, nameOf);
  t.match(fewer.label, /31 of 31/, 'of those that were allowed then');
  t.equal(firsts({ firsts: { clips: 0, pictures: 0, most: null }, pictures }, nameOf).label, '');
  t.equal(firsts({ firsts: null, pictures }, nameOf).label, '', 'a replay counts nothing');
});
