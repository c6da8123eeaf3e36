import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import { inkOn } from '../format/colour.ts';
import './bundle-mark.css';

type Marked = Pick<BundleSummary, 'colour' | 'blank' | 'name'>;

/** A bundle's colour as a dot; hollow for the blank identity. */
export function BundleDot(props: { bundle: Marked }) {
  return (
    <span
      data-component="bundle-dot"
      data-blank={props.bundle.blank ? '' : undefined}
      style={{ '--bundle-colour': props.bundle.colour }}
      aria-hidden="true"
    />
  );
}

/** A bundle's colour and first letter. */
export function BundleAvatar(props: { bundle: Marked }) {
  return (
    <span
      data-component="bundle-avatar"
      data-blank={props.bundle.blank ? '' : undefined}
      data-ink={inkOn(props.bundle.colour)}
      style={{ '--bundle-colour': props.bundle.colour }}
      aria-hidden="true"
    >
      {props.bundle.blank ? '' : ([...props.bundle.name][0] ?? '').toUpperCase()}
    </span>
  );
}
