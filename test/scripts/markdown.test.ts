import t from 'tap';
import { anchorsOf, markdownFiles, partsOf } from '../../scripts/markdown.ts';

const PAGE = [
  '# Title',
  '',
  '<!-- a note -->',
  '',
  '```sh',
  'echo "# no heading"',
  '```',
  '',
  '1. An item:',
  '',
  '   ```sh',
  '   one',
  '     two',
  '   ```',
  '',
  '````md',
  '```sh',
  '```',
  '````',
].join('\n');

t.test('fenced code, with its place and the comment before it', async (t) => {
  t.same(partsOf(PAGE).blocks, [
    { language: 'sh', code: 'echo "# no heading"', line: 5, comment: 'a note' },
    { language: 'sh', code: 'one\n  two', line: 11, comment: undefined },
    { language: 'md', code: '```sh\n```', line: 16, comment: undefined },
  ]);
});

t.test('prose is what is left, line by line', async (t) => {
  const { prose } = partsOf(PAGE);
  t.equal(prose.split('\n').length, PAGE.split('\n').length);
  t.notMatch(prose, 'echo');
  t.match(prose, '1. An item:');
});

t.test('a comment before other text is none of the code', async (t) => {
  t.equal(partsOf('<!-- docs:try skip: x -->\ntext\n```sh\n```').blocks[0]?.comment, undefined);
});

t.test('anchors of headings, as GitHub makes them', async (t) => {
  const anchors = anchorsOf(
    [
      '# A model of `your` taste',
      '## [Linked](x.md) & more',
      "## A person's taste, simulated",
      '## Again',
      '## Again',
      '```',
      '# code',
      '```',
    ].join('\n'),
  );
  t.same(
    [...anchors],
    ['a-model-of-your-taste', 'linked--more', 'a-persons-taste-simulated', 'again', 'again-1'],
  );
});

t.test('Markdown files, but those of others', async (t) => {
  const root = t.testdir({
    'b.md': '',
    'a.txt': '',
    docs: { 'a.md': '' },
    node_modules: { 'c.md': '' },
    dist: { 'd.md': '' },
  });
  t.same(await markdownFiles(root), ['b.md', 'docs/a.md']);
});
