// Texts of the pages about one's own account, orders and visits; fetched with the first of these pages.
import type { Values } from "./language";
import { fill, language } from "./language";
import type { Word, Words } from "./messages/own.pt";

const words: Words = (await (language() === "en" ? import("./messages/own.en") : import("./messages/own.pt"))).default;

/** Return a text, filled with values; `count` chooses between one and many. */
export function w(word: Word, values: Values = {}): string {
  return fill(words[word], values);
}
