import { defineConfig } from 'vitest/config';

/** Contracts with the real CLIs; one at a time, since some of them insist on a port. */
export default defineConfig({
  test: {
    include: ['contracts/**/*.contract.ts'],
    environment: 'node',
    // Keeps electron's package, which is only a path here, from downloading one.
    env: { ELECTRON_OVERRIDE_DIST_PATH: 'not-used' },
    testTimeout: 90_000,
    // Installing the CLIs is part of the first run.
    hookTimeout: 600_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
