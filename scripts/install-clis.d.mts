export function ensureClis(): Promise<{ binDirectory: string }>;
export function ensureMoreClis(): Promise<{ binDirectory: string }>;
