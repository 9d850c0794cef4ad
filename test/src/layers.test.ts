import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import t from 'tap';

/** The messages of one rule for a line of code in a file. None of ours needs types, which take long to load. */
async function errorsOf(rule: string, filePath: string, code: string): Promise<string[]> {
  const eslint = new ESLint({
    ruleFilter: ({ ruleId }) => ruleId === rule,
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  });
  const [result] = await eslint.lintText(code, { filePath });
  return result!.messages.map(({ message }) => message);
}

t.test('src imports streams, streams imports models, and nothing imports back', async (t) => {
  const forbidden = [
    ['models/errors.ts', '../streams/clips/index.ts'],
    ['models/features/index.ts', '../../src/cli/main.ts'],
    ['streams/clips/index.ts', '../../src/cli/main.ts'],
    ['src/cli/main.ts', '../../test/src/cli/run.ts'],
  ] as const;
  for (const [file, imported] of forbidden) {
    t.match(
      await errorsOf('no-restricted-imports', file, `export * from '${imported}';\n`),
      [/src → streams → models/],
      `${file} ↛ ${imported}`,
    );
  }
  const allowed = [
    ['streams/clips/index.ts', '../../models/errors.ts'],
    ['src/cli/main.ts', '../../streams/clips/index.ts'],
  ] as const;
  for (const [file, imported] of allowed) {
    t.strictSame(
      await errorsOf('no-restricted-imports', file, `export * from '${imported}';\n`),
      [],
      `${file} → ${imported}`,
    );
  }
});

t.test('a room is entered by its index.ts, and seen inside by itself and its own rooms', async (t) => {
  const rule = 'rooms/by-index';
  const imports = (file: string, imported: string) => errorsOf(rule, file, `export * from '${imported}';\n`);
  t.match(await imports('streams/clips/index.ts', '../../models/features/stft.ts'), [/by its index/]);
  t.match(await imports('models/gallery/index.ts', './search/vectors.ts'), [/by its index/]);
  t.match(
    await errorsOf(rule, 'src/cli/main.ts', "void import('../../streams/program/state.ts');\n"),
    [/by its index/],
    'at run time too',
  );
  for (const [file, imported] of [
    ['streams/clips/index.ts', '../../models/features/index.ts'],
    ['models/features/index.ts', './stft.ts'],
    ['models/gallery/search/index.ts', '../columns.ts'],
    ['models/features/index.ts', '../errors.ts'],
  ] as const) {
    t.strictSame(await imports(file, imported), [], `${file} → ${imported}`);
  }
});

t.test('files don’t import one another in a circle', async (t) => {
  const rule = 'import-x/no-cycle';
  for (const file of ['stft.ts', 'extractor.ts']) {
    const code = "import { createFeatureExtractor } from './index.ts';\nvoid createFeatureExtractor;\n";
    t.match(await errorsOf(rule, `models/features/${file}`, code), [/cycle/i], file);
  }
  const type = "import type { FeatureRows } from './index.ts';\nexport type Rows = FeatureRows;\n";
  t.strictSame(await errorsOf(rule, 'models/features/stft.ts', type), [], 'types are gone when it runs');
});

t.test('models and streams name no option of the command line', async (t) => {
  const rule = 'layers/no-options';
  for (const file of ['models/errors.ts', 'streams/sources/file.ts']) {
    for (const code of [
      "export const line = 'use --engine auto';\n",
      "export const option = '--skip-bad';\n",
      'export const line = (size: number): string => `--encoder-size ${size} contradicts it`;\n',
      '/** See `evaluate --show`. */\nexport const gap = 1;\n',
    ]) {
      t.match(await errorsOf(rule, file, code), [/remedy/], `${file}: ${code.trim()}`);
    }
    t.strictSame(await errorsOf(rule, file, "export const line = 'a -- b, --> c, x--y';\n"), []);
  }
  const option = "export const option = '--engine';\n";
  t.strictSame(await errorsOf(rule, 'src/cli/main.ts', option), [], 'the commands do');
});

t.test('style sheets are as short as other files', async (t) => {
  const pages = fileURLToPath(new URL('../../web-client', import.meta.url));
  const sheets = (await readdir(pages, { recursive: true })).filter((name) => name.endsWith('.css'));
  t.ok(sheets.length > 5);
  for (const name of sheets) {
    const lines = (await readFile(join(pages, name), 'utf8')).split('\n').length - 1;
    t.ok(lines <= 300, `${name} has ${lines} lines`);
  }
});
