/**
 * What a log may hold of an unexpected error: its class, its system code and where it was thrown, never its message,
 * which may quote what a CLI printed or a person typed.
 */
export function describeFault(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  const thrownAt = /\n\s+at (.*)/.exec(error.stack ?? '')?.[1];
  return {
    error: error.name,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(thrownAt ? { thrownAt } : {}),
  };
}
