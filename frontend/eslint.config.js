import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * The walls inside src: what a folder may import of the others. Arrows point one way:
 * wire <- api, stream <- state <- commands <- views <- App. ui holds dumb parts. strings are read by api, ui and views.
 */
const MAY_IMPORT = {
  wire: [],
  strings: ['wire'],
  stream: ['wire'],
  api: ['wire', 'strings'],
  state: ['wire', 'api', 'stream'],
  commands: ['wire', 'strings', 'state'],
  ui: ['wire', 'strings'],
};
const VIEWS = ['shell', 'tape', 'transports', 'settings'];
const FOLDERS = [...Object.keys(MAY_IMPORT), 'views'];

/** Forbids relative imports that leave the folder, unless they go to an allowed one. */
const borders = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  files: [`src/${folder}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...FOLDERS.filter((other) => other !== folder && !allowed.includes(other)).map((other) => ({
            regex: `^(\\.\\./)+${other}/`,
            message: `${folder}/ must not know ${other}/ (see eslint.config.js).`,
          })),
          bindings(),
        ],
      },
    ],
  },
}));

const viewBorders = VIEWS.map((view) => ({
  files: [`src/views/${view}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...VIEWS.filter((other) => other !== view).map((other) => ({
            regex: `^\\.\\./${other}/`,
            message: 'Views never import each other.',
          })),
          {
            regex: '^(\\.\\./)+stream/',
            allowTypeImports: true,
            message: 'Views see the stream through state/.',
          },
          bindings(),
        ],
      },
    ],
  },
}));

function bindings() {
  return { regex: 'wailsjs', message: 'Only api/host.ts knows the generated bindings.' };
}

export default ts.config(
  { ignores: ['dist/', 'wailsjs/', 'node_modules/'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  ...svelte.configs.recommended,
  ...svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: {
        projectService: { allowDefaultProject: ['e2e/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': ['error', { allow: ['error', 'warn'] }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
      'svelte/require-each-key': 'error',
      // The pages' policy refuses style attributes and the style elements that transitions make. `style:name` is fine.
      'no-restricted-syntax': [
        'error',
        { selector: 'SvelteAttribute[key.name="style"]', message: 'Use a class or a style: directive.' },
        { selector: 'SvelteDirective[kind="Transition"]', message: 'Use a CSS transition.' },
      ],
      // State is replaced, not changed in place: see style of state/.
      'svelte/prefer-svelte-reactivity': 'off',
      // ESLint sees every import of a component as any; svelte-check knows their types.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    // What arrives is unknown until wire/ has parsed it.
    files: ['src/**'],
    ignores: ['src/wire/**'],
    rules: { '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }] },
  },
  ...borders,
  ...viewBorders,
  {
    files: ['src/api/host.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['*.js', '*.ts', 'e2e/*.mjs'],
    languageOptions: { globals: { ...globals.node } },
  },
  {
    files: ['*.js', 'e2e/*.mjs'],
    ...ts.configs.disableTypeChecked,
  },
);
