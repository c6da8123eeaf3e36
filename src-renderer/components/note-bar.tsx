import X from 'lucide-solid/icons/x';
import { Show } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import { Button, IconButton } from './button.tsx';
import './note-bar.css';

/** What was just done, with a way to take it back where there is one. It stays until it is closed or replaced. */
export function NoteBar() {
  const app = useApp();
  return (
    <Show when={app.note()}>
      {(note) => (
        <section data-component="note-bar" aria-label="Just done">
          <p>{note().text}</p>
          <Show when={note().action}>
            {(action) => (
              <Button
                size="small"
                onClick={() => {
                  action().run();
                  document.getElementById('page-title')?.focus();
                }}
              >
                {action().label}
              </Button>
            )}
          </Show>
          <IconButton
            label="Close this note"
            onClick={() => {
              app.showNote(null);
              document.getElementById('page-title')?.focus();
            }}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
        </section>
      )}
    </Show>
  );
}
