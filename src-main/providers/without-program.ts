import type { FlowDefinition } from './definition.ts';

/** What a definition says of a program's part in a flow, for a flow that has none: there is nothing to describe. */
export function withoutProgram() {
  return {
    args: [],
    transport: 'pipe',
    paste: { kind: 'none' },
    patterns: { failures: [] },
    answers: [],
    opens: 'printed',
    renews: false,
    endsBy: 'exit',
  } satisfies Partial<FlowDefinition>;
}
