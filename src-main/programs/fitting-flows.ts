import semver from 'semver';
import type { FlowDefinition } from '../providers/definition.ts';

/** What is known of the program that most flows are run by. */
export interface KnownProgram {
  /** It is certainly not there, or cannot be started. */
  missing: boolean;
  /** Null where it is unknown. */
  version: string | null;
}

/**
 * Whether a program knows the flow. An unknown version is given the benefit of the doubt, and so is one that is missing:
 * it may be installed. What needs no program always fits.
 */
export function fits(
  { by, needs }: Pick<FlowDefinition, 'by' | 'needs'>,
  { version }: KnownProgram,
): boolean {
  if (by !== undefined || needs === undefined) return true;
  const installed = version === null ? null : semver.coerce(version);
  return installed === null || semver.satisfies(installed, needs);
}

/** The flow that Connect starts: the first that can work here, or the first of all if none can. */
export function defaultFlow(
  flows: readonly FlowDefinition[],
  program: KnownProgram,
): FlowDefinition | undefined {
  return fittingFirst(flows, program)[0];
}

/**
 * The same flows in the order in which they are worth trying: where the program is missing those that need none first, and
 * those that the installed one does not know last.
 */
export function fittingFirst(flows: readonly FlowDefinition[], program: KnownProgram): FlowDefinition[] {
  const place = (flow: FlowDefinition) => {
    if (program.missing && flow.by !== undefined) return 0;
    return fits(flow, program) ? 1 : 2;
  };
  return [0, 1, 2].flatMap((wanted) => flows.filter((flow) => place(flow) === wanted));
}
