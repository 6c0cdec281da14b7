// Which language the window speaks, and how it writes money, days and numbers. Texts stand in `messages/`.
import type { Key, Messages, Text } from "./messages/pt";
import pt from "./messages/pt";
import ptRefusals from "./messages/refusals.pt-BR.json";
import { forBrowser, forTab } from "./storage";

export type Language = "pt-BR" | "en";
export type Values = Record<string, string | number>;

const CHOICE = "balcao.language";
const LETTER = "balcao.letter";

interface Spoken {
  language: Language;
  messages: Messages;
  refusals: Record<string, string>;
  plurals: Intl.PluralRules;
}

let spoken: Spoken = inPortuguese();

function inPortuguese(): Spoken {
  return { language: "pt-BR", messages: pt, refusals: ptRefusals, plurals: new Intl.PluralRules("pt-BR") };
}

/** The language somebody chose here, or else that of the letter they came by, or the one in which the page was sent. */
export function wanted(): Language {
  const chosen = forBrowser.getItem(CHOICE) ?? forTab.getItem(LETTER) ?? document.documentElement.lang;
  return chosen.toLowerCase().startsWith("en") ? "en" : "pt-BR";
}

/** Speak a language from now on; English is fetched when somebody needs it. */
export async function speak(language: Language): Promise<void> {
  if (language === "pt-BR") spoken = inPortuguese();
  else {
    const [messages, refusals] = await Promise.all([import("./messages/en"), import("./messages/refusals.en.json")]);
    spoken = {
      language,
      messages: messages.default,
      refusals: refusals.default,
      plurals: new Intl.PluralRules("en"),
    };
  }
  document.documentElement.lang = language;
}

/** Keep a choice and begin again in it. */
export function choose(language: Language): void {
  forBrowser.setItem(CHOICE, language);
  location.reload();
}

export function language(): Language {
  return spoken.language;
}

/** Return a text, filled with values; `count` chooses between one and many. */
export function t(key: Key, values: Values = {}): string {
  return fill(spoken.messages[key], values);
}

export function fill(text: Text, values: Values): string {
  const chosen =
    typeof text === "string" ? text : spoken.plurals.select(Number(values.count)) === "one" ? text.one : text.other;
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : value;
  });
}

/** Return what a person reads for a refusal's code; null for one that nobody wrote a text for. */
export function refusalText(code: string): string | null {
  return spoken.refusals[code] ?? null;
}

export function number(value: number): string {
  return new Intl.NumberFormat(spoken.language).format(value);
}

/** Write an amount as it came from the API: "59.90" and "BRL" are R$ 59,90. */
export function money(amount: string, currency: string): string {
  // The text goes in as it is: formatted as a decimal, never rounded through a float.
  const format = new Intl.NumberFormat(spoken.language, { style: "currency", currency });
  return format.format(amount as unknown as number);
}

/** Write an amount of something sold by weight or volume: 1500 "g" are 1,5 kg. */
export function measure(quantity: number, unit: "g" | "ml"): string {
  const whole = unit === "g" ? "kg" : "L";
  return quantity >= 1000 ? `${number(quantity / 1000)} ${whole}` : `${number(quantity)} ${unit}`;
}

function write(instant: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(spoken.language, { timeZone: zone, ...options }).format(new Date(instant));
}

/** 14:30, in a zone. */
export function clock(instant: string, zone: string): string {
  return write(instant, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** sábado, 28 de novembro, in a zone; with the year where it is not this one. */
export function day(instant: string, zone: string): string {
  return write(instant, zone, { weekday: "long", day: "numeric", month: "long", ...yearOf(instant, zone) });
}

/** sáb., 28 de nov., 14:30, in a zone; with the year where it is not this one. */
export function moment(instant: string, zone: string): string {
  const date = write(instant, zone, { weekday: "short", day: "numeric", month: "short", ...yearOf(instant, zone) });
  return `${date}, ${clock(instant, zone)}`;
}

function yearOf(instant: string, zone: string): Intl.DateTimeFormatOptions {
  const year = (when: string | Date) => dayKey(when, zone).slice(0, 4);
  return year(instant) === year(new Date()) ? {} : { year: "numeric" };
}

/** 2026-11-28: the day an instant falls on in a zone. */
export function dayKey(instant: string | Date, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    new Date(instant),
  );
}

/** Write a day such as 2026-11-28, whatever the zone. */
export function writtenDay(key: string, options: Intl.DateTimeFormatOptions): string {
  return write(`${key}T12:00:00Z`, "UTC", options);
}

/** Names of the days of a week, Monday first. */
export function weekdays(width: "short" | "long" | "narrow"): string[] {
  return Array.from({ length: 7 }, (_, place) => writtenDay(`2024-01-0${place + 1}`, { weekday: width }));
}

/** Write a duration: 90 minutes are 1 h 30 min. */
export function duration(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** Write a list: a, b e c. */
export function list(parts: string[]): string {
  return new Intl.ListFormat(spoken.language, { type: "conjunction" }).format(parts);
}
