/**
 * The CLI whose link is timed. It says something first, so that its output is set up, waits a moment of uneven length,
 * writes its link with the time of writing in it, and waits to be ended.
 */
import { setTimeout as wait } from 'node:timers/promises';

process.stdout.write('Contacting the sign-in service...\n');
await wait(100 + Math.random() * 100);
const link = (ms) =>
  `https://auth.bench.test/oauth/authorize?client_id=bench&response_type=code&scope=openid+profile+email&state=${process.pid}&t=${ms.toFixed(3)}`;
// Formatted once before it counts.
link(0);
process.stdout.write(`Open this link to sign in:\n`);
await wait(20);
process.stdout.write(`${link(performance.timeOrigin + performance.now())}\n`);
setInterval(() => {}, 60_000);
