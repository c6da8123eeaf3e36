import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

const root = import.meta.dirname;
const nodeBuiltins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];
/** Native modules and Electron itself stay outside the bundle; everything else is bundled so that start-up reads one file. */
const mainExternals = ['electron', 'node-pty', '@napi-rs/keyring', ...nodeBuiltins];

/** One config, three environments: `client` is the renderer, `main` and `preload` are the Electron sides. */
export default defineConfig({
  root: resolve(root, 'src-renderer'),
  base: './',
  publicDir: false,
  plugins: [solid()],
  builder: {
    buildApp: async (builder) => {
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
    },
  },
  environments: {
    client: {
      build: {
        outDir: resolve(root, 'dist/renderer'),
        emptyOutDir: true,
        target: 'chrome130',
        modulePreload: false,
        assetsInlineLimit: 0,
      },
    },
    main: {
      consumer: 'server',
      resolve: { noExternal: true, external: mainExternals, conditions: ['node', 'import', 'default'] },
      build: {
        outDir: resolve(root, 'dist/main'),
        emptyOutDir: true,
        target: 'node20',
        minify: false,
        sourcemap: true,
        rolldownOptions: {
          input: {
            main: resolve(root, 'src-main/main.ts'),
            'passphrase-worker': resolve(root, 'src-main/vault/passphrase-worker.ts'),
          },
          external: mainExternals,
          output: { format: 'es', entryFileNames: '[name].js' },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true },
      build: {
        outDir: resolve(root, 'dist/preload'),
        emptyOutDir: true,
        target: 'node20',
        minify: false,
        rolldownOptions: {
          input: { preload: resolve(root, 'src-preload/preload.ts') },
          external: ['electron'],
          // A sandboxed preload is loaded as CommonJS.
          output: { format: 'cjs', entryFileNames: '[name].cjs' },
        },
      },
    },
  },
});
