import './time-ring.css';

const radius = 7;
const length = 2 * Math.PI * radius;

/** How much time is left, as a ring that empties. The text beside it says the same, so it is decoration. */
export function TimeRing(props: { share: number; nearness: 'plenty' | 'soon' | 'last' }) {
  return (
    <svg data-component="time-ring" data-nearness={props.nearness} viewBox="0 0 18 18" aria-hidden="true">
      <circle cx="9" cy="9" r={radius} />
      <circle
        cx="9"
        cy="9"
        r={radius}
        stroke-dasharray={String(length)}
        stroke-dashoffset={String(length * (1 - props.share))}
      />
    </svg>
  );
}
