import { existsSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import eslint from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** The one way of the data: src imports streams, streams imports models, and nothing imports back. */
function mayNotImport(room, others) {
  return {
    files: [`${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${others.join('|')})/`,
              message: `${room} may not import from ${others.join(', ')}: src → streams → models.`,
            },
          ],
        },
      ],
    },
  };
}

/** A room is a folder with an index.ts: files outside of it import that one alone. Tests see inside. */
const roomsByIndex = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = dirname(context.filename);
    const check = ({ source }) => {
      if (source?.type !== 'Literal' || !String(source.value).startsWith('.')) return;
      const file = join(from, source.value);
      const room = dirname(file);
      const isInside = (from + sep).startsWith(room + sep);
      if (isInside || basename(file) === 'index.ts' || !existsSync(join(room, 'index.ts'))) return;
      context.report({ node: source, message: `enter ${basename(room)} by its index.ts` });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/** `--name`, as the command line has it. */
const OPTION = /(?:^|[^-\w])--[a-z]/u;

/** The command line is above models and streams, which libraries use too: an error carries its remedy as data. */
const noOptions = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const check = (node, text) => {
      if (!OPTION.test(text)) return;
      context.report({
        node,
        message: 'options are named in src/cli: give the error a remedy (models/remedy.ts)',
      });
    };
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) check(comment, comment.value);
      },
      Literal(node) {
        if (typeof node.value === 'string') check(node, node.value);
      },
      TemplateElement(node) {
        check(node, node.value.raw);
      },
    };
  },
};

/** Run other programs, with options of those. */
const RUN_PROGRAMS = ['streams/sources/programs.ts', 'streams/sources/devices/{alsa,pulse}.ts'];

/** What the JavaScript of examples/ uses of browsers and of Node. */
const EXAMPLE_GLOBALS = Object.fromEntries(
  [
    ...['AbortSignal', 'fetch', 'process', 'URL', 'URLSearchParams', 'setInterval', 'clearInterval'],
    ...['addEventListener', 'document', 'innerHeight', 'innerWidth', 'location'],
  ].map((name) => [name, 'readonly']),
);

/** What web-client/public/lacks.js uses of the oldest browsers. */
const BROWSER_GLOBALS = Object.fromEntries(
  ['window', 'document', 'location', 'WebSocket', 'setInterval', 'clearInterval', 'setTimeout'].map(
    (name) => [name, 'readonly'],
  ),
);

/** What Chromium 79, Safari 14 or Firefox 78 lacks, which the pages are made for. */
const TOO_NEW = [
  ...['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'replaceAll', 'hasOwn'],
  ...['replaceChildren', 'getAnimations', 'finished', 'ariaPressed', 'showModal', 'randomUUID', 'roundRect'],
];

export default tseslint.config(
  { ignores: ['dist/', '.tap/', 'models/features/kernels/', 'models/gallery/search/kernels/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Numeric loops over typed arrays index within bounds that the loop itself sets.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // tap's t.test returns a promise that tap itself awaits.
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
    },
    rules: { 'import-x/no-cycle': 'error' },
  },
  {
    files: ['{bench,demo,models,scripts,src,streams,web-client}/**/*.ts'],
    plugins: { rooms: { rules: { 'by-index': roomsByIndex } } },
    rules: { 'rooms/by-index': 'error', 'max-lines': ['error', 300] },
  },
  {
    files: ['{models,streams}/**/*.ts'],
    ignores: RUN_PROGRAMS,
    plugins: { layers: { rules: { 'no-options': noOptions } } },
    rules: { 'layers/no-options': 'error' },
  },
  {
    files: ['src/client/**/*.ts', 'web-client/{console,display,listen,shared}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `MemberExpression[computed=false] > Identifier.property[name=/^(${TOO_NEW.join('|')})$/]`,
          message: 'old browsers that the pages are made for lack it',
        },
      ],
      'no-restricted-globals': ['error', 'structuredClone', 'WeakRef'],
    },
  },
  { files: ['web-client/public/*.js'], languageOptions: { globals: BROWSER_GLOBALS } },
  { files: ['examples/**/*.{js,mjs}'], languageOptions: { globals: EXAMPLE_GLOBALS } },
  mayNotImport('models', ['streams', 'src', 'bench', 'test', 'web-client']),
  mayNotImport('streams', ['src', 'bench', 'test', 'web-client']),
  mayNotImport('src', ['bench', 'test']),
);
