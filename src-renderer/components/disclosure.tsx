import * as Collapsible from '@kobalte/core/collapsible';
import ChevronRight from 'lucide-solid/icons/chevron-right';
import type { JSX } from 'solid-js';
import './disclosure.css';

/** A line that opens what stands below it. */
export function Disclosure(props: {
  label: JSX.Element;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: JSX.Element;
}) {
  return (
    <Collapsible.Root
      data-component="disclosure"
      {...(props.open === undefined ? {} : { open: props.open })}
      {...(props.onOpenChange ? { onOpenChange: props.onOpenChange } : {})}
    >
      <Collapsible.Trigger data-component="disclosure-trigger">
        <ChevronRight size={14} aria-hidden="true" />
        {props.label}
      </Collapsible.Trigger>
      <Collapsible.Content data-component="disclosure-content">{props.children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
