export function ensureMoto(): Promise<{ python: string } | { missing: string }>;
