import { expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';

it('hands over everything in order, and finishes after what was there at the end', async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  queue.push(2);
  const seen: number[] = [];
  for await (const item of queue) {
    seen.push(item);
    if (item === 2) queue.push(3);
    if (item === 3) {
      queue.push(4);
      queue.end();
      queue.push(5);
    }
  }
  expect(seen).toEqual([1, 2, 3, 4]);
});

it('is drained when its consumer comes back for more, and not before', async () => {
  const queue = new EventQueue<number>();
  const order: string[] = [];
  queue.push(1);
  const drained = queue.drained().then(() => order.push('drained'));
  const iterator = queue[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  order.push('busy');
  const next = iterator.next();
  await drained;
  expect(order).toEqual(['busy', 'drained']);
  await queue.drained();

  queue.push(2);
  const again = queue.drained().then(() => order.push('again'));
  expect(await next).toEqual({ done: false, value: 2 });
  order.push('busy again');
  queue.end();
  await again;
  expect(order.slice(2)).toEqual(['busy again', 'again']);
  await queue.drained();
});
