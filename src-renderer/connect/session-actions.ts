import type { Outcome } from '../../src-preload/contract/values.ts';
import type { Reply } from '../../src-preload/contract.ts';
import { createCopied } from '../components/copied.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { useConnect } from './connect-context.tsx';

/** The buttons that have main do something with the session's link, code or report. */
export function createSessionActions(sessionId: () => string) {
  const app = useApp();
  const view = useConnect();
  const copied = {
    link: createCopied(app.announce),
    code: createCopied(app.announce),
    report: createCopied(app.announce),
  };

  const worked = async (call: Promise<Reply<Outcome>>): Promise<boolean> => {
    const failure = await attempt(call);
    view.setProblem(failure);
    return failure === null;
  };

  return {
    copied,
    async openLink() {
      if (await worked(app.bridge.auth.openLink({ sessionId: sessionId() })))
        app.announce('Opened in your browser.');
    },
    async copy(what: 'link' | 'code' | 'report') {
      if (await worked(app.bridge.auth.copy({ sessionId: sessionId(), what }))) copied[what].mark();
    },
  };
}
