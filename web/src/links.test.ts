import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { forgetProof, proofOf, tokenOf } from "./links";
import { forBrowser, forTab } from "./storage";

const TOKEN = "a".repeat(43);
const PROOF = "eyJ1c2VyIjoi:1vP-_x:Zm9v";

function at(address: string) {
  const place = new URL(address, "https://shop.example");
  const replaceState = vi.fn((_state: unknown, _title: string, to: string) => {
    place.href = new URL(to, place.origin).href;
  });
  vi.stubGlobal("location", place);
  vi.stubGlobal("history", { state: null, replaceState });
  return place;
}

beforeEach(() => {
  forBrowser.clear();
  forTab.clear();
});
afterEach(() => void vi.unstubAllGlobals());

describe("the link of a letter", () => {
  test("proves a mailbox in its tab until that is used, and leaves the address", () => {
    const place = at(`/nova-senha?a=1#${PROOF}`);
    expect(proofOf("password")).toBe(PROOF);
    expect(place.href).toBe("https://shop.example/nova-senha?a=1");
    expect(proofOf("password")).toBe(PROOF); // reloaded
    expect(proofOf("verify")).toBeNull();
    expect(forBrowser.length).toBe(0);
    forgetProof("password");
    expect(proofOf("password")).toBeNull();
  });

  test("that is none takes nothing away and leaves the address, too", () => {
    at(`/nova-senha#${PROOF}`);
    proofOf("password");
    const place = at("/nova-senha#<b>");
    expect(proofOf("password")).toBe(PROOF);
    expect(place.hash).toBe("");
  });

  test("opens an order in this browser", () => {
    at(`/pedido/A1#${TOKEN}`);
    expect(tokenOf("order", "A1")).toBe(TOKEN);
    at("/pedido/A1#broken");
    expect(tokenOf("order", "A1")).toBe(TOKEN);
  });
});
