import { moment, t } from "../language";

/** What a time of the shop is on the clock of whoever reads it, where that differs. */
export function OwnTime({ instant, zone }: { instant: string; zone: string }) {
  const own = moment(instant, Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (own === moment(instant, zone)) return null;
  const place = zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
  return <p className="soft">{t("book.zone", { place, own })}</p>;
}
