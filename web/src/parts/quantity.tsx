import { measure, number, t } from "../language";
import type { Variant } from "../shop";

interface Chosen {
  value: number;
  unit: Variant["unit"];
  name: string;
  disabled?: boolean;
  onChange: (value: number) => void;
}

const STEP = { piece: 1, g: 100, ml: 100 };
export const FIRST = { piece: 1, g: 500, ml: 500 };
const MOST = { piece: 999, g: 100_000, ml: 100_000 };

/** How much of something, with buttons for a thumb. */
export function Quantity({ value, unit, name, disabled = false, onChange }: Chosen) {
  const step = STEP[unit];
  const label = unit === "piece" ? t("buy.amount") : t("buy.weight.grams", { unit });
  const shown = unit === "piece" ? number(value) : measure(value, unit);
  return (
    <div className="quantity" role="group" aria-label={`${label}: ${name}`}>
      <button
        type="button"
        aria-label={t("buy.less")}
        disabled={disabled || value <= step}
        onClick={() => onChange(Math.max(step, value - step))}
      >
        −
      </button>
      <output aria-live="polite">{shown}</output>
      <button
        type="button"
        aria-label={t("buy.more")}
        disabled={disabled || value + step > MOST[unit]}
        onClick={() => onChange(value + step)}
      >
        +
      </button>
    </div>
  );
}
