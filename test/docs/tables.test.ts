import { readFile } from 'node:fs/promises';
import t from 'tap';
import { markdownFiles, partsOf } from '../../scripts/markdown.ts';
import { controlOf } from '../../src/server/osc/controls.ts';
import { CLOSE_CODES } from '../../src/server/protocol/index.ts';
import { showMessageSchema } from '../../src/server/protocol/show-message.ts';
import { controlSchema } from '../../streams/program/index.ts';

const ROOT = new URL('../../', import.meta.url);

const textOf = (path: string) => readFile(new URL(path, ROOT), 'utf8');

/** The words in code of the first column of the table after a heading. */
function firstColumn(page: string, heading: string): string[] {
  const after = page.slice(page.indexOf(`\n${heading}\n`));
  const table = /\n((?:\|.*\n)+)/.exec(after)?.[1] ?? '';
  return table.split('\n').flatMap((row) => {
    const cell = row.split('|')[1] ?? '';
    return Array.from(cell.matchAll(/`([^`]+)`/g), ([, word]) => word!);
  });
}

t.test('no document has a place that is left to be filled in', async (t) => {
  const pages = await markdownFiles(ROOT.pathname);
  t.ok(pages.includes('README.md') && pages.includes('docs/method.md'));
  for (const page of pages) t.notMatch(await textOf(page), /@@|TODO|FIXME/, page);
});

t.test('docs/displays-and-protocol.md', async (t) => {
  const page = await textOf('docs/displays-and-protocol.md');

  t.test('its message is one of the protocol', async (t) => {
    const example = partsOf(page).blocks.find(({ code }) => code.includes('"epoch"'))!;
    t.match(showMessageSchema.safeParse(JSON.parse(example.code)), { success: true });
  });

  t.test('it lists the controls', async (t) => {
    const known = controlSchema.options.map(({ shape }) => shape.control.value);
    t.same(firstColumn(page, '## Controls').sort(), [...known].sort());
  });

  t.test('it lists the close codes', async (t) => {
    for (const code of Object.values(CLOSE_CODES)) t.match(page, `\n| ${code} | `);
  });

  t.test('it lists OSC addresses that are heard', async (t) => {
    const received = page.slice(page.indexOf('\n| received |'));
    const names = Array.from(
      received.slice(0, received.indexOf('\n\n')).matchAll(/^\| (`.*?`) \|/gm),
      ([, cell]) => Array.from(cell!.matchAll(/`([^`]+)`/g), ([, name]) => name!),
    ).flat();
    t.ok(names.length > 10);
    for (const name of names.filter((name) => name !== 'refresh')) {
      t.not(controlOf({ address: `/synesthete/${name}`, args: [1] }), 'there is no such control', name);
    }
  });
});

t.test('docs/dependencies.md names all that package.json depends on, and nothing else', async (t) => {
  const page = await textOf('docs/dependencies.md');
  const description = JSON.parse(await textOf('package.json')) as Record<string, Record<string, string>>;
  const named = ['## In use while the program runs', '## In development only'].flatMap((heading) =>
    firstColumn(page, heading),
  );
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
  t.same(named.sort(), kinds.flatMap((kind) => Object.keys(description[kind] ?? {})).sort());
});

t.test('package-lock.json has no package manager run the install script of onnxruntime-node', async (t) => {
  const { packages } = JSON.parse(await textOf('package-lock.json')) as { packages: Record<string, object> };
  t.notOk('hasInstallScript' in packages['node_modules/onnxruntime-node']!, 'see docs/dependencies.md');
});
