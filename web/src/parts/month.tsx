import { addMonths, firstDay, monthOf, sheet } from "../calendar";
import { t, weekdays, writtenDay } from "../language";
import type { Slot } from "../shop";
import { BackIcon, ForwardIcon } from "./icons";

interface MonthShown {
  month: string;
  today: string;
  end: string;
  days: Map<string, Slot[]>;
  chosen: string | null;
  /** Days to come without a free time can be chosen too, for who wants to be told why. */
  opensAll?: boolean;
  onMonth: (month: string) => void;
  onDay: (day: string) => void;
}

/** A month at a glance, its free days to choose from. */
export function Month({ month, today, end, days, chosen, opensAll = false, onMonth, onDay }: MonthShown) {
  return (
    <div className="month">
      <div className="month-top">
        <button
          type="button"
          aria-label={t("book.month.previous")}
          disabled={month <= monthOf(today)}
          onClick={() => onMonth(addMonths(month, -1))}
        >
          <BackIcon />
        </button>
        <strong aria-live="polite">{writtenDay(firstDay(month), { month: "long", year: "numeric" })}</strong>
        <button
          type="button"
          aria-label={t("book.month.next")}
          disabled={month >= monthOf(end)}
          onClick={() => onMonth(addMonths(month, 1))}
        >
          <ForwardIcon />
        </button>
      </div>
      <div className="days">
        {weekdays("narrow").map((name, place) => (
          <span key={place} aria-hidden="true">
            {name}
          </span>
        ))}
        {sheet(month).map((day, place) => {
          if (day === null) return <i key={place} />;
          const count = days.get(day)?.length ?? 0;
          const said = writtenDay(day, { weekday: "long", day: "numeric", month: "long" });
          return (
            <button
              key={day}
              type="button"
              className={count === 0 ? "is-none" : undefined}
              disabled={count === 0 && !(opensAll && day >= today && day <= end)}
              aria-pressed={day === chosen}
              aria-label={count > 0 ? t("book.day.free", { day: said, count }) : t("book.day.none", { day: said })}
              onClick={() => onDay(day)}
            >
              {Number(day.slice(8))}
            </button>
          );
        })}
      </div>
    </div>
  );
}
