/** A running child process as the sign-in sees it, whether behind pipes or a PTY. */
export interface ChildTransport {
  readonly pid: number;
  /** The process itself has ended, though its output may still be coming: its pid is no longer its own. */
  readonly ended: boolean;
  /** Output as it arrives. `stream` is always `stdout` in a PTY. */
  onOutput(listener: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => void): void;
  /** Called once, after all output was delivered. `code` is null when a signal ended it. */
  onExit(listener: (exit: { code: number | null; signal: string | null }) => void): void;
  /** Writes to the child's input. Returns false when it no longer takes any. */
  write(text: string): boolean;
  /** Stops and resumes reading, so that a flood of output waits in the child instead of our memory. */
  pause(): void;
  resume(): void;
  /** What Enter is here: `\n` on pipes, `\r` in a PTY. */
  readonly enter: string;
}

/** A child in a PTY of ours. */
export interface PtyTransport extends ChildTransport {
  /** Says how large the terminal is now; the program gets SIGWINCH. Nothing happens after its end. */
  resize(size: { columns: number; rows: number }): void;
}

export interface SpawnRequest {
  file: string;
  args: string[];
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
}
