import type { FlowDefinition } from './definition.ts';

/** The port of this machine that a flow cannot do without (I-17); `null` where there is none, or it takes another one. */
export function neededPort({ fixedPort, portMayMove }: FlowDefinition): number | null {
  return portMayMove ? null : (fixedPort ?? null);
}
