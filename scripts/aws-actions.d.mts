export function awsActions(): Promise<Record<string, string[]>>;
