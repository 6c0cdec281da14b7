import { describe, expect, it } from "vitest";

import { matching, propertiesOf } from "./variants";

const one = (size: string, taste: string, available: number) => ({
  options: [{ name: "Tamanho", value: size }, { name: "Sabor", value: taste }],
  available,
});
const small = one("P", "Coco", 3);
const large = one("G", "Coco", 0);
const largeCarrot = one("G", "Cenoura", 2);

describe("the variant that is meant", () => {
  it("has the properties that were chosen", () => {
    expect(matching([small, large, largeCarrot], { Tamanho: "G", Sabor: "Coco" }, "Tamanho")).toBe(large);
  });

  it("has what was chosen last, where not all of it exists", () => {
    expect(matching([small, largeCarrot], { Tamanho: "G", Sabor: "Coco" }, "Tamanho")).toBe(largeCarrot);
    expect(matching([small], { Tamanho: "G" }, "Tamanho")).toBeUndefined();
  });

  it("is named by its properties", () => {
    expect(propertiesOf(small)).toEqual({ Tamanho: "P", Sabor: "Coco" });
  });
});
