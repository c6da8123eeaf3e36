/**
 * What of the person's environment makes npm install from where and as whom they are used to: their registry, its
 * certificates and proxies (`npm_config_*`), and the variables that an .npmrc by convention takes tokens from. The .npmrc
 * itself is found through HOME. Only npm gets these; a setting that loads code into Node is left out.
 *
 * @returns `secrets`: values that must not be shown, whatever npm prints
 */
export function npmEnvironment(parent: NodeJS.ProcessEnv): {
  set: Record<string, string>;
  secrets: string[];
} {
  const set: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined || value === '') continue;
    const setting = /^npm_config_(.+)$/i.exec(name)?.[1];
    const token = name === 'NPM_TOKEN' || name === 'NODE_AUTH_TOKEN';
    if (setting === undefined ? !token : /^node[-_]options$/i.test(setting)) continue;
    set[name] = value;
    if (token || /_auth(?:token)?$|_password$/i.test(setting ?? '')) secrets.push(value);
  }
  // What npm says about itself is no part of an installation; what it fetches is all the progress there is to show.
  return {
    set: {
      ...set,
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
      npm_config_progress: 'false',
      npm_config_loglevel: 'http',
      npm_config_foreground_scripts: 'true',
    },
    secrets,
  };
}
