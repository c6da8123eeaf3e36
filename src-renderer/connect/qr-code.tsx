import { encode } from 'uqr';
import './qr-code.css';

/** Quiet zone in modules, as ISO/IEC 18004 asks for. */
const quietZone = 4;

/** A text as a QR code: always dark on white, which is what cameras expect in either theme. */
export function QrCode(props: { text: string; label: string }) {
  const code = () => encode(props.text, { ecc: 'L', border: quietZone });
  /** One path of horizontal runs instead of thousands of squares. */
  const path = () =>
    code()
      .data.flatMap((row, y) =>
        row.map((dark, x) => {
          if (!dark || row[x - 1]) return '';
          let end = x;
          while (row[end + 1]) end += 1;
          const length = end - x + 1;
          return `M${x} ${y}h${length}v1h-${length}z`;
        }),
      )
      .join('');
  return (
    <svg
      data-component="qr-code"
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${code().size} ${code().size}`}
      shape-rendering="crispEdges"
    >
      <path d={path()} />
    </svg>
  );
}
