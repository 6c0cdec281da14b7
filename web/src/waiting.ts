// How long something still waits, as a clock that runs backwards.

const two = (count: number) => String(count).padStart(2, "0");

/** Return what is left until an instant (14:59, 1:02:03); null once nothing is. */
export function countdown(until: string, now: number): string | null {
  const left = Math.floor((Date.parse(until) - now) / 1000);
  if (left <= 0) return null;
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
