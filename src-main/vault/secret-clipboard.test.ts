import { expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { SecretClipboard } from './secret-clipboard.ts';

/** A clipboard as it is without a desktop: one text. */
class Board {
  text = '';
  readText(): Promise<string> {
    return Promise.resolve(this.text);
  }
  writeText(text: string): void {
    this.text = text;
  }
  clear(): void {
    this.text = '';
  }
}

function open() {
  const board = new Board();
  const clock = new ManualClock();
  return { board, clock, tokens: new SecretClipboard(board, clock) };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

it('a copied token is gone after 60 s, and not before', async () => {
  const { board, clock, tokens } = open();
  await tokens.lend(new Secret('token'));
  await pass(clock, 59_999);
  expect(board.text).toBe('token');
  await pass(clock, 1);
  expect(board.text).toBe('');
});

it('what was copied since stays', async () => {
  const { board, clock, tokens } = open();
  await tokens.lend(new Secret('token'));
  board.text = 'something else';
  await pass(clock, 60_000);
  expect(board.text).toBe('something else');
});

it('a second copy has a minute of its own', async () => {
  const { board, clock, tokens } = open();
  await tokens.lend(new Secret('token'));
  await pass(clock, 40_000);
  await tokens.lend(new Secret('token'));
  await pass(clock, 40_000);
  expect(board.text).toBe('token');
  await pass(clock, 20_000);
  expect(board.text).toBe('');
});

it('quitting takes it off at once', async () => {
  const { board, clock, tokens } = open();
  await tokens.lend(new Secret('token'));
  await tokens.takeBack();
  expect(board.text).toBe('');
  board.text = 'later';
  await pass(clock, 60_000);
  expect(board.text).toBe('later');
});
