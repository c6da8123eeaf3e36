import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import solid from 'vite-plugin-solid';
import { awsActions } from './scripts/aws-actions.mjs';

const root = import.meta.dirname;
const nodeBuiltins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];
/** Native modules and Electron itself stay outside the bundle; everything else is bundled so that start-up reads one file. */
const mainExternals = ['electron', 'node-pty', '@napi-rs/keyring', ...nodeBuiltins];

/**
 * For `lanyard serve`, which runs on plain Node from a directory of its own: packages that would ask Electron for
 * something find an empty one, and the directory says that it holds ES modules.
 */
const withoutElectron: Plugin = {
  name: 'without-electron',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name === 'serve',
  resolveId: (id) => (id === 'electron' ? '\0no-electron' : null),
  load: (id) => (id === '\0no-electron' ? 'export default {};' : null),
  generateBundle() {
    const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
    this.emitFile({
      type: 'asset',
      fileName: 'package.json',
      source: `${JSON.stringify({ name: 'lanyard-serve', version, private: true, type: 'module' })}\n`,
    });
  },
};

/** Beside main's files: what is read only when somebody types an action of AWS. */
const awsActionsFile: Plugin = {
  name: 'aws-actions',
  applyToEnvironment: ({ name }) => name === 'main' || name === 'serve',
  async generateBundle() {
    this.emitFile({
      type: 'asset',
      fileName: 'aws-actions.json',
      source: JSON.stringify(await awsActions()),
    });
  },
};

/** One config, four environments: `client` is the renderer, `main` and `preload` are the Electron sides, `serve` is for hosts without a display. */
export default defineConfig({
  root: resolve(root, 'src-renderer'),
  base: './',
  publicDir: false,
  plugins: [solid(), withoutElectron, awsActionsFile],
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
    serve: {
      consumer: 'server',
      resolve: {
        noExternal: true,
        external: mainExternals.filter((name) => name !== 'electron'),
        conditions: ['node', 'import', 'default'],
      },
      build: {
        outDir: resolve(root, 'dist/serve'),
        emitAssets: true,
        emptyOutDir: true,
        target: 'node20',
        minify: false,
        rolldownOptions: {
          input: {
            serve: resolve(root, 'src-main/serve.ts'),
            'passphrase-worker': resolve(root, 'src-main/vault/passphrase-worker.ts'),
          },
          external: mainExternals.filter((name) => name !== 'electron'),
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
