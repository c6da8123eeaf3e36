import * as TextField from '@kobalte/core/text-field';
import { type JSX, Show } from 'solid-js';
import './field.css';

/** One line of text with its label, its explanation and its error, tied together for assistive tools. */
export function Field(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong with it; `null` while nothing is. */
  error?: string | null;
  description?: string;
  labelHidden?: boolean;
  type?: 'text' | 'password';
  placeholder?: string;
  mono?: boolean;
  ref?: (element: HTMLInputElement) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  onBlur?: () => void;
  /** Stands on the same line, after the box. */
  children?: JSX.Element;
}) {
  return (
    <TextField.Root
      data-component="field"
      value={props.value}
      onChange={(value) => props.onChange(value)}
      validationState={props.error ? 'invalid' : 'valid'}
    >
      <TextField.Label data-component={props.labelHidden ? 'visually-hidden' : 'field-label'}>
        {props.label}
      </TextField.Label>
      <Show when={props.description}>
        <TextField.Description data-component="field-description">{props.description}</TextField.Description>
      </Show>
      <div data-component="field-line">
        <TextField.Input
          data-component="field-input"
          data-mono={props.mono ? '' : undefined}
          type={props.type ?? 'text'}
          placeholder={props.placeholder}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          ref={(element: HTMLInputElement) => props.ref?.(element)}
          on:keydown={(event: KeyboardEvent) => props.onKeyDown?.(event)}
          onBlur={() => props.onBlur?.()}
        />
        {props.children}
      </div>
      <TextField.ErrorMessage data-component="field-error" role="alert">
        {props.error}
      </TextField.ErrorMessage>
    </TextField.Root>
  );
}
