import * as v from 'valibot';
import { LanyardError } from '../../failures.ts';
import { readArguments } from '../arguments.ts';
import type { Caller } from '../caller.ts';
import { done } from '../command.ts';
import type { Hook } from './credential.ts';
import { handOutIdToken, type TokenHookParts } from './id-tokens.ts';

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'] as const;

const InfoSchema = v.object({
  apiVersion: v.string(),
  spec: v.optional(v.object({ cluster: v.optional(v.object({ server: v.optional(v.string()) })) })),
});

/** kubectl's exec plugin (client.authentication.k8s.io): an ID token of an account at an issuer. */
export function kubernetesHook(parts: TokenHookParts): Hook {
  return {
    name: 'kubernetes',
    usage: 'lanyard credential kubernetes [<account>] [--as <identity>]',
    help: `kubernetes is an exec plugin of kubectl and client libraries: the ID token of the identity's account at an
issuer, for clusters that trust that issuer. <account> is needed where it has several.`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' } } as const;
      const { values, words } = readArguments(args, options, { most: 1 });
      const { apiVersion, server } = execInfo(caller);
      const { token, expiresAt } = await handOutIdToken(parts, caller, {
        hook: 'kubernetes',
        as: values.as,
        account: words[0],
        host: server ?? 'Kubernetes',
      });
      const status = {
        // To the second, as metav1.Time reads it everywhere.
        expirationTimestamp: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
        token: token.reveal(),
      };
      caller.out(`${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\n`);
      return done;
    },
  };
}

/** Its caller says in KUBERNETES_EXEC_INFO which version it wants; by hand there is none. */
function execInfo({ environment }: Pick<Caller, 'environment'>): {
  apiVersion: string;
  server: string | null;
} {
  const { KUBERNETES_EXEC_INFO: text } = environment;
  if (!text) return { apiVersion: versions[0], server: null };
  let info: v.InferOutput<typeof InfoSchema>;
  try {
    info = v.parse(InfoSchema, JSON.parse(text));
  } catch (cause) {
    throw notTheProtocol('KUBERNETES_EXEC_INFO cannot be understood.', cause);
  }
  const apiVersion = versions.find((version) => version === info.apiVersion);
  if (!apiVersion)
    throw notTheProtocol(`"${info.apiVersion.slice(0, 80)}" is not a version that Lanyard speaks.`);
  const server = info.spec?.cluster?.server;
  return { apiVersion, server: server && URL.canParse(server) ? new URL(server).host : null };
}

function notTheProtocol(title: string, cause?: unknown): LanyardError {
  return new LanyardError(
    {
      code: 'not_the_protocol',
      title,
      hint: `In the kubeconfig, apiVersion of "exec" has to be ${versions.join(' or ')}.`,
    },
    { cause },
  );
}
