export const rootSwitches: string[];
export const appArguments: string[];
