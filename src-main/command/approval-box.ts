import type { ApprovalQuestion } from './approvals.ts';

/** What a system's message box says and offers; Enter and Esc are its first button. */
export function approvalBox({ command, askers, identity, session }: ApprovalQuestion) {
  const [asker = 'A program that cannot be seen', ...parents] = askers;
  const time = session
    ? new Date(session.endsAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    : '';
  return {
    type: 'question' as const,
    title: 'Lanyard',
    message: `Allow ${asker} to run this as ${identity}?`,
    detail: [
      command === '' ? 'It asks for the environment, with its keys.' : command,
      ...(parents.length > 0 ? [`Started by ${parents.join(', ')}`] : []),
      ...(session
        ? [
            `Cloud session: ${session.principal}, until ${time}`,
            `Actions: ${session.actions.join(', ') || 'all of the account'}`,
          ]
        : []),
    ].join('\n\n'),
    buttons: ['Deny', 'Allow once', session ? 'Allow for this session' : 'Allow while it runs'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  };
}
