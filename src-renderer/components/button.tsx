import { type JSX, splitProps } from 'solid-js';
import './button.css';

export interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` at most once on a screen; `quiet` has no frame; `danger` takes something away. */
  look?: 'primary' | 'plain' | 'quiet' | 'danger';
  size?: 'small' | 'normal';
}

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, ['look', 'size']);
  return (
    <button
      type="button"
      data-component="button"
      data-look={own.look ?? 'plain'}
      data-size={own.size ?? 'normal'}
      {...rest}
    />
  );
}

/** A button that shows only an icon; its label is its name and its tooltip. */
export function IconButton(props: JSX.ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  const [own, rest] = splitProps(props, ['label']);
  return (
    <button type="button" data-component="icon-button" aria-label={own.label} title={own.label} {...rest} />
  );
}
