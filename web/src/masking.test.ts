import type { ErrorEvent } from "@sentry/browser";
import { expect, test } from "vitest";

import { addressOf, masked, masking, peopleIn } from "./masking";

const OPENS = "x9".repeat(21);
const mask = masking([]);

test.each([
  ["ana@cliente.example has no order", "*** has no order"],
  ["call +55 11 98765-4321 or (11) 98765-4321", "call *** or ***"],
  ["CPF 529.982.247-25, 52998224725; CNPJ 11.222.333/0001-81", "CPF ***, ***; CNPJ ***"],
  [`Authorization: Bearer ${OPENS}`, "Authorization: Bearer ***"],
  [`/pedido/A1B2C3?access_token=${OPENS}&go=1`, "/pedido/******"],
  [`https://loja.example/visita/a-b#${OPENS}`, "https://loja.example/visita/***"],
  ["https://loja.example/?search=dor+de+dente was asked", "https://loja.example/ was asked"],
  ["cart 0f8fad5b-d9cb-469f-a165-70867728950e is gone", "cart *** is gone"],
  [`Unexpected token 'A', "Ana Souza" is not valid JSON`, `Unexpected token 'A', "***" is not valid JSON`],
])("%s is hidden", (text, shown) => {
  expect(mask(text)).toBe(shown);
});

test.each([
  "Cannot read properties of undefined (reading 'price')",
  "undefined is not an object (evaluating 'a.lines[0].total')",
  "Failed to fetch dynamically imported module: https://loja.example/static/window/built/assets/product-Dj3k2l1x.js",
  "Minified React error #310; visit https://react.dev/errors/310 for the full message",
  "POST /api/v1/carts/{id}/quote/ 500",
  "POST /api/v1/orders/ 500",
])("%s speaks of code and stays", (text) => {
  expect(mask(text)).toBe(text);
});

test("what was typed is hidden wherever it stands, word by word and however it is written", () => {
  const knowing = masking(["Ana Souza", "Rua A (fundos), 12", "*", "", "São João"]);
  expect(knowing("reading 'Ana' of ANA SOUZA at rua a (Fundos), 12 in são joão")).toBe("reading '***' of *** at *** in ***");
  expect(knowing("a * b")).toBe("a * b");
});

test("people are found in answers, things are not", () => {
  const order = {
    number: "A1B2",
    customer: { name: "Ana Souza", email: "ana@cliente.example", phone: null },
    lines: [{ sku: "BOLO", quantity: 1, person: "Bia" }],
  };
  expect(peopleIn([order, undefined, "x"])).toEqual(["Ana Souza", "ana@cliente.example", "Bia"]);
});

test("an address says where, and nothing that it carries", () => {
  expect(addressOf(`https://loja.example/incorporar/pedido/A1B2?site=x#${OPENS}`)).toBe(
    "https://loja.example/incorporar/pedido/***",
  );
  expect(addressOf("https://loja.example/produto/bolo")).toBe("https://loja.example/produto/bolo");
});

test("an event is built anew: nothing is in it that nobody listed", () => {
  const gathered = {
    type: undefined,
    event_id: "e",
    exception: {
      values: [
        {
          type: "TypeError",
          value: "Ana Souza",
          module: "Ana",
          stacktrace: {
            frames: [{ filename: `https://loja.example/a.js?ana=${OPENS}`, function: "x", lineno: 1, vars: { name: "Ana" } }],
          },
        },
      ],
    },
    user: { email: "ana@cliente.example" },
    extra: { name: "Ana Souza" },
    contexts: { culture: { locale: "Ana" } },
    request: { url: `https://loja.example/?${OPENS}`, headers: { Referer: "Ana" }, cookies: { Ana: "1" } },
    tags: { who: "Ana" },
    breadcrumbs: [{ message: "Ana Souza" }],
  } as unknown as ErrorEvent;
  const calls = [{ at: 1, said: "GET /api/v1/orders/{number}/ 500", requestId: "r-1" }];
  const accident = { problem: null, requestId: "r-1", calls, typed: ["Ana Souza"] };
  const sent = masked(gathered, accident, { address: `https://loja.example/pedido/A1#${OPENS}`, agent: "browser" });
  expect(JSON.stringify(sent)).not.toMatch(/ana|souza|x9x9/i);
  expect(sent).toMatchObject({
    exception: { values: [{ type: "TypeError", value: "***", stacktrace: { frames: [{ filename: "https://loja.example/a.js" }] } }] },
    tags: { request_id: "r-1" },
    breadcrumbs: [{ message: "GET /api/v1/orders/{number}/ 500", data: { request_id: "r-1" } }],
    request: { url: "https://loja.example/pedido/***", headers: { "User-Agent": "browser" } },
  });
});
