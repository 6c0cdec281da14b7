import { beforeAll, expect, test, vi } from "vitest";

const page = (dataset: Record<string, string>) => ({ getElementById: () => ({ dataset }) }) as unknown as Document;

let embedding: typeof import("./embedding");

beforeAll(async () => {
  vi.stubGlobal("document", page({ base: "/incorporar", sites: "https://a.example" }));
  embedding = await import("./embedding");
});

test("a page says that it is framed, and by whom it may be", () => {
  expect(embedding.embeddingIn(page({ base: "/incorporar", sites: "https://a.example https://b.example" }))).toEqual({
    base: "/incorporar",
    sites: ["https://a.example", "https://b.example"],
  });
  expect(embedding.embeddingIn(page({}))).toEqual({ base: "", sites: [] });
  expect(embedding.within("/pedido/A1")).toBe("/incorporar/pedido/A1");
});

test("only a site that may show the page is spoken to", () => {
  const sites = ["https://a.example"];
  expect(embedding.hostOf("https://a.example", sites)).toBe("https://a.example");
  for (const other of [null, "", "*", "https://a.example.evil", "http://a.example", "https://a.example/"])
    expect(embedding.hostOf(other, sites)).toBeNull();
});
