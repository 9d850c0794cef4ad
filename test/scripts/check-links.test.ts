import t from 'tap';
import { brokenLinks } from '../../scripts/check-links.ts';

t.test('links that lead somewhere', async (t) => {
  const root = t.testdir({
    'README.md':
      '# Top\n[a](docs/a.md#part-two) ![b](<docs/b.png>) [web](https://example.org/#x) [here](#top)\n' +
      '[two\nlines](docs/a.md "title") [r][r] `[code](no.md)`\n```\n[code](no.md)\n```\n[r]: docs/a.md\n',
    docs: { 'a.md': '## Part, two!\n[up](../README.md) [folder](../docs)', 'b.png': '' },
  });
  t.same(await brokenLinks(root), []);
});

t.test('each that leads nowhere is reported with its place', async (t) => {
  const root = t.testdir({
    'README.md':
      'x\n[a](gone.md)\n[b](a.md#gone) ![c](c.png)\n[d](../outside.md)\n[r]: gone.md\n[e](e.ts#L1)',
    'a.md': '# Here\n[f](#there)',
    'e.ts': '',
  });
  t.same(await brokenLinks(root), [
    'README.md:2: gone.md: there is no such file',
    'README.md:3: a.md#gone: there is no such heading',
    'README.md:3: c.png: there is no such file',
    'README.md:4: ../outside.md: lies outside of the project',
    'README.md:5: gone.md: there is no such file',
    'README.md:6: e.ts#L1: only headings of Markdown files are linked to',
    'a.md:2: #there: there is no such heading',
  ]);
});
