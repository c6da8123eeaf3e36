/** Things that arrive one after another, each handed out once, for tests that wait for "the next one". */
export class Arrivals<T> {
  /** Everything that ever arrived, in order. */
  readonly all: T[] = [];
  readonly #what: string;
  #taken = 0;
  readonly #waiting: ((value: T) => void)[] = [];

  /** @param what named in the error when nothing arrives in time */
  constructor(what: string) {
    this.#what = what;
  }

  push(value: T): void {
    this.all.push(value);
    const waiter = this.#waiting.shift();
    if (!waiter) return;
    this.#taken += 1;
    waiter(value);
  }

  /** The oldest one that nobody took yet; rejects when none has arrived within `withinMs` milliseconds. */
  next(withinMs = 20_000): Promise<T> {
    if (this.#taken < this.all.length) {
      const value = this.all[this.#taken] as T;
      this.#taken += 1;
      return Promise.resolve(value);
    }
    return new Promise((resolve, reject) => {
      const take = (value: T) => {
        clearTimeout(timer);
        resolve(value);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(new Error(`${this.#what}: none arrived within ${withinMs} ms (${this.all.length} before)`));
      }, withinMs);
      this.#waiting.push(take);
    });
  }
}
