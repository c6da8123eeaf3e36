import './shared-chip.css';

/** Where a login cannot be kept apart (I-14). */
export function SharedChip() {
  return <span data-component="shared-chip">Shared with this machine</span>;
}

/** The same as a sentence, before somebody signs in. */
export function SharedNote(props: { name: string }) {
  return (
    <p data-component="shared-note">
      <strong>Shared with this machine:</strong> {props.name} keeps one login for all. Signing in here
      replaces the machine's own, and that of every other identity.
    </p>
  );
}
