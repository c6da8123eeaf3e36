import { LanyardError } from '../../failures.ts';
import { readArguments } from '../arguments.ts';
import { done } from '../command.ts';
import type { Hook } from './credential.ts';
import { handOutIdToken, type TokenHookParts } from './id-tokens.ts';

const types = ['urn:ietf:params:oauth:token-type:id_token', 'urn:ietf:params:oauth:token-type:jwt'] as const;

/**
 * Google Cloud's executable-sourced credentials: an ID token of an account at an issuer that a workload identity pool
 * trusts. Google's libraries read the reason of a failure only where the exit code is 0, and the Node one
 * (google-auth-library 10.9) reads our standard error as a part of the answer: so nothing is said there.
 */
export function gcpHook(parts: TokenHookParts): Hook {
  return {
    name: 'gcp',
    usage: 'lanyard credential gcp [<account>] [--as <identity>]',
    help: `gcp is the executable of a Google Cloud "external account": the ID token of the identity's account at an
issuer, for a workload identity pool that trusts that issuer. What fails is in its answer, with exit code 0.`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' } } as const;
      const { values, words } = readArguments(args, options, { most: 1 });
      try {
        const { GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: wanted, GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: audience } =
          caller.environment;
        const type = types.find((each) => each === (wanted ?? types[0]));
        if (!type) throw otherType();
        const { token, expiresAt } = await handOutIdToken(parts, caller, {
          hook: 'gcp',
          as: values.as,
          account: words[0],
          host: audience ?? 'Google Cloud',
        });
        answer({
          success: true,
          token_type: type,
          id_token: token.reveal(),
          // Seconds since the Unix epoch.
          expiration_time: Math.floor(expiresAt / 1000),
        });
      } catch (error) {
        if (!(error instanceof LanyardError)) throw error;
        const { code, title, hint } = error.failure;
        answer({ success: false, code, message: `${title} ${hint}` });
      }
      return done;

      function answer(what: Record<string, unknown>): void {
        caller.out(`${JSON.stringify({ version: 1, ...what })}\n`);
      }
    },
  };
}

function otherType(): LanyardError {
  return new LanyardError({
    code: 'not_the_protocol',
    title: 'Only ID tokens can be had from Lanyard.',
    hint: `subject_token_type has to be ${types[0]}.`,
  });
}
