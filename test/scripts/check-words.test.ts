import t from 'tap';
import { avoidedPhrases } from '../../scripts/check-words.ts';

t.test('phrases that are avoided are found with their places, in code and in documents', async (t) => {
  const root = t.testdir({
    'README.md': 'Plain.\nThe source is ' + 'told off.\n',
    src: { 'a.ts': '/** Begins an' + 'ew. */\nexport const a = 1;\n', 'b.png': 'an' + 'ew' },
    node_modules: { 'c.md': 'an' + 'ew' },
  });
  t.strictSame(await avoidedPhrases(root), [
    'README.md:2: “is ' + 'told”: say who does what',
    'src/a.ts:1: “an' + 'ew”: say who does what',
  ]);
});

t.test('plain sentences pass', async (t) => {
  const root = t.testdir({ 'a.ts': '// Starts again. The operator told the show to hold.\n' });
  t.strictSame(await avoidedPhrases(root), []);
});
