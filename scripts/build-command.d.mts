export function buildCommand(target?: { platform?: string; arch?: string }): Promise<string>;
export function commandPath(platform?: string): string;
