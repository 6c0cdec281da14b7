import { expect, test } from "vitest";

import { inOrder, unsavedIn } from "./unsaved";

const page = (text: string | null) =>
  ({ getElementById: (id: string) => (id === "unsaved" && text !== null ? { textContent: text } : null) }) as Document;

test("a page of customers brings no choices", () => {
  expect(unsavedIn(page(null))).toBeNull();
});

test("choices are read from the page that brings them", () => {
  expect(unsavedIn(page('{"name":"Ana","categories":["b"]}'))).toEqual({ name: "Ana", categories: ["b"] });
});

test("shelves stand as chosen, and a new one comes last", () => {
  const shelves = [{ slug: "a" }, { slug: "new" }, { slug: "b" }];
  expect(inOrder(shelves, ["b", "a"]).map((one) => one.slug)).toEqual(["b", "a", "new"]);
});
