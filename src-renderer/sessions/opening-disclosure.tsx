import { createEffect, createSignal, type JSX } from 'solid-js';
import { Disclosure } from '../components/disclosure.tsx';

/** A disclosure that opens by itself when something within is wrong or filled in. */
export function OpeningDisclosure(props: { label: string; opens: boolean; children: JSX.Element }) {
  const [open, setOpen] = createSignal(props.opens);
  createEffect(() => {
    if (props.opens) setOpen(true);
  });
  return (
    <Disclosure label={props.label} open={open()} onOpenChange={setOpen}>
      {props.children}
    </Disclosure>
  );
}
