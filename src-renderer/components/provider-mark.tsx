import './provider-mark.css';

/** The two letters that stand for a provider. Its name always stands beside it, so it is decoration. */
export function ProviderMark(props: { mark: string; small?: boolean }) {
  return (
    <span data-component="provider-mark" data-small={props.small ? '' : undefined} aria-hidden="true">
      {props.mark}
    </span>
  );
}
