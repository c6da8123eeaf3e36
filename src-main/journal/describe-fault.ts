/**
 * What a log may hold of an unexpected error: its class, its system code and where it was thrown, never its message,
 * which may quote what a CLI printed or a person typed.
 */
export function describeFault(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  // The stack begins with the message, which may hold a line that looks like a frame.
  const frames = (error.stack ?? '').slice(`${error.name}: ${error.message}`.length);
  const thrownAt = /\n\s+at ([^\n]*:\d+:\d+\)?)(?=\n|$)/.exec(frames)?.[1];
  return {
    error: error.name,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(thrownAt ? { thrownAt } : {}),
  };
}
