import './usage-bar.css';

/** What is used of a limit, as a bar. The text beside it says the same, so it is decoration. */
export function UsageBar(props: { share: number }) {
  const tone = () => {
    if (props.share >= 1) return 'bad';
    return props.share >= 0.8 ? 'warn' : undefined;
  };
  return (
    <span data-component="usage-bar" data-tone={tone()} aria-hidden="true">
      <span style={{ width: `${Math.round(props.share * 100)}%` }} />
    </span>
  );
}
