import type { CSSProperties, ReactElement } from "react";
import "./odometer.css";

const DIGITS = "0123456789";

/** A number whose digits roll. For the eye only: its reader says the number elsewhere. */
export function Odometer({ value, faded }: { value: number; faded: boolean }): ReactElement {
  const digits = String(value);
  return (
    <span
      className="odometer"
      data-faded={faded}
      style={{ "--digits": digits.length } as CSSProperties}
      aria-hidden="true"
    >
      {Array.from(digits, (digit, at) => (
        // Keyed from the right, so that 99 → 100 adds a digit in front and rolls the others.
        <span className="odometer__window" key={digits.length - at}>
          <span className="odometer__strip" style={{ "--digit": digit } as CSSProperties}>
            {Array.from(DIGITS, (one) => (
              <span key={one}>{one}</span>
            ))}
          </span>
        </span>
      ))}
    </span>
  );
}
