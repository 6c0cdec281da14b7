import type { HTMLInputAutoCompleteAttribute } from "react";
import { useId } from "react";

interface Asked {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "tel" | "password";
  hint?: string;
  wrong?: string | undefined;
  required?: boolean;
  isLong?: boolean;
  maxLength?: number;
  inputMode?: "numeric";
  autoComplete?: HTMLInputAutoCompleteAttribute;
}

/** One thing that is typed, with what is wrong about it beside it. */
export function Field({ label, value, onChange, type = "text", hint, wrong, isLong = false, ...more }: Asked) {
  const id = useId();
  const shared = {
    ...more,
    value,
    "aria-invalid": wrong !== undefined,
    "aria-describedby": hint || wrong ? id : undefined,
  };
  return (
    <label className="field">
      <span>{label}</span>
      {isLong ? (
        <textarea rows={2} {...shared} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input type={type} {...shared} onChange={(event) => onChange(event.target.value)} />
      )}
      {(hint || wrong) && (
        <small id={id} className={wrong ? "wrong" : undefined}>
          {wrong ?? hint}
        </small>
      )}
    </label>
  );
}
