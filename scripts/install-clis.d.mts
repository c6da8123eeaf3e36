export function ensureClis(): Promise<{ binDirectory: string }>;
export function ensureMoreClis(): Promise<{ binDirectory: string }>;
/** Where the contracts' further CLIs are, if somebody had them installed before. */
export function moreClisThere(): string | null;
