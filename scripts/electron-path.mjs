import { ensureInstalled } from './install.mjs';

await ensureInstalled();
const { ensureElectron } = await import('./electron-runtime.mjs');
process.stdout.write(`${(await ensureElectron()).executable}\n`);
