// Days as text (2026-11-28) and what a month is made of. No zone is needed for them; instants become days in `language`.

function shifted(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return shifted(day, days);
}

/** Return how many days it is from one day to another. */
export function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000);
}

/** 2026-11 */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export function addMonths(month: string, months: number): string {
  const date = new Date(`${month}-01T12:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 7);
}

export function firstDay(month: string): string {
  return `${month}-01`;
}

export function lastDay(month: string): string {
  return shifted(firstDay(addMonths(month, 1)), -1);
}

/** Return the days of a month, with as many empty places before them as the week has days before the first (Monday). */
export function sheet(month: string): (string | null)[] {
  const first = firstDay(month);
  const before = (new Date(`${first}T12:00:00Z`).getUTCDay() + 6) % 7;
  const days: (string | null)[] = Array.from({ length: before }, () => null);
  for (let day = first; monthOf(day) === month; day = shifted(day, 1)) days.push(day);
  return days;
}
