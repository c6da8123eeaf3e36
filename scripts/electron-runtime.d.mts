export interface ElectronRuntime {
  executable: string;
  directory: string;
  version: string;
  /** True for the development runtime out of an npm package. */
  fallback: boolean;
}
export function ensureElectron(): Promise<ElectronRuntime>;
export function distWithoutLoader(runtime: ElectronRuntime, target: string): string;
