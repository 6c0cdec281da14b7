import { useEffect, useRef } from "react";

import { byPartOfDay } from "../booking";
import { clock, dayKey, t, writtenDay } from "../language";
import type { Slot } from "../shop";

interface Time {
  starts_at: string;
}

interface Offered<One extends Time> {
  times: One[];
  chosen: string | undefined;
  say: (time: One) => string;
  onChoose: (time: One) => void;
}

/** Times to choose from, each a button. */
export function Times<One extends Time>({ times, chosen, say, onChoose }: Offered<One>) {
  return (
    <div className="times">
      {times.map((one) => (
        <button
          key={one.starts_at}
          type="button"
          className="button"
          aria-pressed={one.starts_at === chosen}
          onClick={() => onChoose(one)}
        >
          {say(one)}
        </button>
      ))}
    </div>
  );
}

interface Named {
  day: string;
  /** The month jumped here: whoever reads with a keyboard or by ear goes on from the day's name. */
  isReached: boolean;
}

/** The name of the day whose times follow. */
export function DayName({ day, isReached }: Named) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isReached) heading.current?.focus();
  }, [isReached]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {writtenDay(day, { weekday: "long", day: "numeric", month: "long" })}
    </h2>
  );
}

interface OfDay {
  free: Slot[];
  zone: string;
  chosen: string | undefined;
  onChoose: (slot: Slot) => void;
}

/** The free times of a day, in its parts. */
export function TimesOfDay({ free, zone, chosen, onChoose }: OfDay) {
  return byPartOfDay(free, zone).map(([part, times]) => (
    <div key={part}>
      <p className="part">{t(`book.${part}`)}</p>
      <Times times={times} chosen={chosen} say={(slot) => clock(slot.starts_at, zone)} onChoose={onChoose} />
    </div>
  ));
}

interface Days {
  windows: Time[];
  zone: string;
  day: string;
  onChoose: (earliest: string) => void;
}

/** A day to choose, of those that windows fall on; its first window is chosen with it. */
export function DayChoice({ windows, zone, day, onChoose }: Days) {
  const dayOf = (window: Time) => dayKey(window.starts_at, zone);
  return (
    <label className="field">
      <span>{t("checkout.pickup.day")}</span>
      <select
        value={day}
        onChange={({ target }) => onChoose(windows.find((one) => dayOf(one) === target.value)?.starts_at ?? "")}
      >
        {[...new Set(windows.map(dayOf))].map((one) => (
          <option key={one} value={one}>
            {writtenDay(one, { weekday: "long", day: "numeric", month: "long" })}
          </option>
        ))}
      </select>
    </label>
  );
}
