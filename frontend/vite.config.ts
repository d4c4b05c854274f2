import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Old WebKit on macOS refuses scripts with this attribute when the page comes from wails://. */
function stripCrossorigin(): Plugin {
  return {
    name: 'strip-crossorigin',
    transformIndexHtml: { order: 'post', handler: (html) => html.replaceAll(' crossorigin', '') },
  };
}

export default defineConfig({
  // The same files are served at wails://wails/ and at the front door's root.
  base: './',
  plugins: [svelte(), stripCrossorigin()],
  build: {
    target: ['safari15', 'chrome100', 'firefox115'],
    // Links that scripts make would be marked crossorigin, so parts that are loaded later come without any.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, parts, { hostType }) => (hostType === 'html' ? parts : []),
    },
    cssCodeSplit: false,
    // The pages' content security policy wants files, not data URLs.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    isolate: false,
  },
});
