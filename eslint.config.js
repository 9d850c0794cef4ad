import eslint from '@eslint/js';
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

/** What the JavaScript of examples/ uses of browsers and of Node. */
const EXAMPLE_GLOBALS = Object.fromEntries(
  [
    ...['AbortSignal', 'fetch', 'process', 'URL', 'URLSearchParams'],
    ...['addEventListener', 'document', 'innerHeight', 'innerWidth', 'location'],
  ].map((name) => [name, 'readonly']),
);

export default tseslint.config(
  { ignores: ['dist/', '.tap/', 'models/features/kernels/', 'models/gallery/kernels/'] },
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
  { files: ['examples/**/*.{js,mjs}'], languageOptions: { globals: EXAMPLE_GLOBALS } },
  mayNotImport('models', ['streams', 'src', 'bench', 'test', 'web-client']),
  mayNotImport('streams', ['src', 'bench', 'test', 'web-client']),
  mayNotImport('src', ['bench', 'test']),
);
