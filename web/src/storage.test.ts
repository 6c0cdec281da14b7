import { expect, test } from "vitest";

import { memory, storageOf } from "./storage";

test("a browser that forbids storage to a frame leaves the page its memory", () => {
  const forbidding = {
    get localStorage(): Storage {
      throw new DOMException("denied", "SecurityError");
    },
  };
  const kept = storageOf("localStorage", forbidding);
  kept.setItem("a", "1");
  expect([kept.getItem("a"), kept.length, kept.key(0)]).toEqual(["1", 1, "a"]);
  kept.removeItem("a");
  expect([kept.getItem("a"), kept.length, kept.key(0)]).toEqual([null, 0, null]);
});

test("full storage is no storage", () => {
  const full = memory();
  full.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  expect(storageOf("localStorage", { localStorage: full })).not.toBe(full);
});

test("storage that is there is used, and nothing is left in it", () => {
  const own = memory();
  expect(storageOf("sessionStorage", { sessionStorage: own })).toBe(own);
  expect(own.length).toBe(0);
});
