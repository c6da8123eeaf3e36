import { createRequire, registerHooks } from 'node:module';

const packageName = '@xterm/headless';

/**
 * Lets Node import `Terminal` by its name, as the bundler does: Node itself finds no names in this CommonJS package.
 * To be imported before anything that needs it.
 */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === packageName
      ? { url: `named:${packageName}`, format: 'module', shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url === `named:${packageName}`
      ? {
          format: 'module',
          shortCircuit: true,
          source: `import { createRequire } from 'node:module';
export const { Terminal } = createRequire(${JSON.stringify(import.meta.url)})(${JSON.stringify(createRequire(import.meta.url).resolve(packageName))});`,
        }
      : next(url, context),
});
