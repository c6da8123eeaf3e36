import { sentences } from '../format/sentences.ts';
import { attempt } from '../state/ask.ts';
import { runningSessions } from '../state/model.ts';
import type { CommandSource } from './commands.ts';

/** Sign-ins that run: back to each, and its code. */
export const signInCommands: CommandSource = ({ app }) => {
  const nameOf = (id: string) => app.state.providers.find((provider) => provider.id === id)?.name ?? id;
  return runningSessions(app.state).flatMap((session) => {
    const { sessionId } = session;
    const name = nameOf(session.providerId);
    const bundle = app.state.bundles.find(({ id }) => id === session.bundleId)?.name;
    const as = bundle === undefined ? '' : ` as ${bundle}`;
    const show = {
      id: `show-sign-in ${sessionId}`,
      title: `Show the sign-in of ${name}${as}`,
      group: 'Sign-in',
      run: () => void app.show(sessionId),
    };
    if (session.status !== 'code-emitted') return [show];
    const copy = async () => {
      const failure = await attempt(app.bridge.auth.copy({ sessionId, what: 'code' }));
      app.showNote({ text: failure ? sentences(failure) : `The code of ${name} was copied.` });
    };
    return [
      {
        id: `copy-code ${sessionId}`,
        title: `Copy the code of ${name}${as}`,
        words: session.deviceCode,
        group: 'Sign-in',
        run: () => void copy(),
      },
      show,
    ];
  });
};
