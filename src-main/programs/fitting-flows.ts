import semver from 'semver';
import type { FlowDefinition } from '../providers/definition.ts';

/** Whether a program of this version knows the flow. An unknown version is given the benefit of the doubt. */
export function fits({ needs }: Pick<FlowDefinition, 'needs'>, version: string | null): boolean {
  const installed = version === null ? null : semver.coerce(version);
  return needs === undefined || installed === null || semver.satisfies(installed, needs);
}

/** The flow that Connect starts: the first that the installed program knows, or the first of all if it knows none. */
export function defaultFlow(
  flows: readonly FlowDefinition[],
  version: string | null,
): FlowDefinition | undefined {
  return flows.find((flow) => fits(flow, version)) ?? flows[0];
}

/** The same flows, those that the installed program does not know last. */
export function fittingFirst(flows: readonly FlowDefinition[], version: string | null): FlowDefinition[] {
  return [...flows.filter((flow) => fits(flow, version)), ...flows.filter((flow) => !fits(flow, version))];
}
