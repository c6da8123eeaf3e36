/** What the demo CLI and the demo service agree on. */
export const demoClientId = 'demo-cli';

/** Where the CLI's own listener takes the callback; the port is whatever was free. */
export const callbackPath = '/callback';
/**
 * The redirect URI of a CLI that listens nowhere: the service then shows a page with the code to copy. The name is the
 * usual one for that ("out of band"); an address of the service would look like a listener that wants the callback.
 */
export const codePageRedirectUri = 'urn:ietf:wg:oauth:2.0:oob';

/** Whole-text pattern of an authorization code. */
export const authorizationCodePattern = 'demo_[0-9a-f]{32}';
export const authorizationCodeExample = 'demo_ and 32 letters and digits, such as demo_0f3a…';

/** RFC 8628 section 3.2: how long a device code lives, and how often it may be asked for, in seconds. */
export const deviceCodeLifetimeSeconds = 600;
export const pollIntervalSeconds = 1;
