import { ESLint } from 'eslint';
import t from 'tap';

// The layer rule needs no types, which take long to load.
const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-imports',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

/** The messages of the layer rule for a line of code in a file. */
async function layerErrors(filePath: string, code: string): Promise<string[]> {
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
      await layerErrors(file, `export * from '${imported}';\n`),
      [/src → streams → models/],
      `${file} ↛ ${imported}`,
    );
  }
  const allowed = [
    ['streams/clips/index.ts', '../../models/errors.ts'],
    ['src/cli/main.ts', '../../streams/clips/index.ts'],
  ] as const;
  for (const [file, imported] of allowed) {
    t.strictSame(await layerErrors(file, `export * from '${imported}';\n`), [], `${file} → ${imported}`);
  }
});
