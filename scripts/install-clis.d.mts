export function ensureClis(): Promise<{ binDirectory: string }>;
