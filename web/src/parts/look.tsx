// What the owner wrote and hung up: plain text and pictures, never markup.
import { useQuery } from "@tanstack/react-query";

import { t, writtenDay } from "../language";
import { featured, profile, unsaved } from "../shop";
import { Cards } from "./products";

/** A text of the owner: an empty line begins a paragraph. */
export function Written({ text }: { text: string }) {
  return (
    <>
      {text.split(/\n{2,}/).map((paragraph, place) => (
        <p key={place} className="written">
          {paragraph}
        </p>
      ))}
    </>
  );
}

/** What every page says on top: what customers shall know today, and that a preview is one. */
export function Notices() {
  const notice = useQuery(profile()).data?.look.notice;
  if (!notice && !unsaved) return null;
  return (
    <div className="posted">
      {unsaved && <p role="status">{t("preview")}</p>}
      {notice && (
        <div role="note" aria-label={t("notice")}>
          <Written text={notice.text} />
          {notice.until && (
            <p className="soft">{t("notice.until", { day: writtenDay(notice.until, { day: "numeric", month: "long" }) })}</p>
          )}
        </div>
      )}
    </div>
  );
}

export function Featured() {
  const hasAny = useQuery(profile()).data?.look.has_featured ?? false;
  const cards = useQuery({ ...featured(), enabled: hasAny }).data ?? [];
  if (cards.length === 0) return null;
  return (
    <section>
      <h2>{t("featured")}</h2>
      <Cards products={cards} />
    </section>
  );
}

export function About() {
  const about = useQuery(profile()).data?.look.about;
  if (!about) return null;
  return (
    <section className="about">
      <h2>{t("about")}</h2>
      <Written text={about} />
    </section>
  );
}
