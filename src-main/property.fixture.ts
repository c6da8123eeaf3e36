import * as fc from 'fast-check';

/**
 * Checks that something holds for many generated values, and prints how many and from which seed: the same seed gives
 * the same values. What fails is made smaller before it is reported. `LANYARD_PROPERTY_SEED` and
 * `LANYARD_PROPERTY_FACTOR` look elsewhere and longer.
 * @param check throws where it does not hold
 */
export async function holdsFor<T>(
  name: string,
  { seed, runs }: { seed: number; runs: number },
  values: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
): Promise<void> {
  const chosen = Number(process.env.LANYARD_PROPERTY_SEED ?? seed);
  const numRuns = Math.ceil(runs * Number(process.env.LANYARD_PROPERTY_FACTOR ?? 1));
  process.stdout.write(`${name}: ${numRuns} runs, seed ${chosen}\n`);
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      await check(value);
    }),
    { seed: chosen, numRuns, interruptAfterTimeLimit: 300_000, markInterruptAsFailure: true },
  );
}
