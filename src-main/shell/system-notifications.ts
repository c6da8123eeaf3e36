import { Notification } from 'electron';

/** Those on the screen: one that is collected as garbage does not tell when it is clicked. */
const shown = new Set<Notification>();

/** Shows a notification of the system's, where it has any. */
export function notifyOnDesktop(notice: { title: string; body: string }, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification(notice);
  shown.add(notification);
  const forget = () => shown.delete(notification);
  notification.on('click', () => {
    forget();
    onClick();
  });
  notification.on('close', forget);
  notification.on('failed', forget);
  notification.show();
}
