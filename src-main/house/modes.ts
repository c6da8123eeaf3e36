/** Makes our executable the demo provider's CLI: what follows it are the CLI's own arguments. */
export const demoSwitch = '--lanyard-demo-cli';

/** Makes our executable the vault self-test's second process. What to do comes on its input. */
export const vaultProbeSwitch = '--lanyard-vault-probe';

/** How to start our own program in one of its modes, without a window and sharing no state with this process. */
export type OwnProgram = (mode: string) => { file: string; args: string[] };

/** Starts the app without opening a window: somebody else wants something of it. */
export const hiddenSwitch = '--lanyard-hidden';
