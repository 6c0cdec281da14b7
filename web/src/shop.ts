// The shop this page belongs to: one client, and everything that is read from it by name.
import type { Schemas } from "@balcao/client";
import { answered, createShop } from "@balcao/client";
import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";

import { isEmbedded } from "./embedding";
import { called } from "./errors";
import { language, wanted } from "./language";
import { forBrowser, forTab, memory } from "./storage";
import { inOrder, unsavedIn } from "./unsaved";

/** The owner's choices that this page shows before they are saved; null on every page of customers. */
export const unsaved = unsavedIn(document);

export type Cart = Schemas["CartResponse"];
export type CartLine = Schemas["CartLineResponse"];
export type Product = Schemas["ProductResponse"];
export type ProductCard = Schemas["ProductCardResponse"];
export type Variant = Schemas["VariantResponse"];
export type Category = Schemas["CategoryResponse"];
export type Service = Schemas["ServiceResponse"];
export type Slot = Schemas["SlotResponse"];
export type Quote = Schemas["QuoteResponse"];
export type Profile = Schemas["ShopResponse"];

export const { api, session, intentions } = createShop({
  baseUrl: location.origin,
  language: wanted(),
  intentions: forTab,
  session: isEmbedded ? memory() : forBrowser, // in a frame of another site everybody is a guest
});

api.use({ onResponse: ({ request, schemaPath, response }) => called(request.method, schemaPath, response) });

export const queries = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always", // without a network people are told so, and nothing waits without a word
      refetchOnReconnect: true,
      staleTime: 30_000,
      retry: (failures, problem) => failures < 2 && (problem.name !== "Refused" || isPassing(problem)),
    },
  },
});

/** Whether the same question may get another answer in a moment. */
function isPassing(problem: Error): boolean {
  return "retryAfter" in problem && problem.retryAfter !== null;
}

const MINUTES = 60_000;

export const profile = () =>
  queryOptions({
    queryKey: ["shop", language()],
    queryFn: async ({ signal }) => {
      const shop = await answered(api.GET("/api/v1/shop/", { signal }));
      return unsaved ? { ...shop, name: unsaved.name, look: unsaved.look } : shop;
    },
    staleTime: 10 * MINUTES,
  });

export const categories = () =>
  queryOptions({
    queryKey: ["categories"],
    queryFn: async ({ signal }) => {
      const shelves = await answered(api.GET("/api/v1/categories/", { signal }));
      return unsaved ? inOrder(shelves, unsaved.categories) : shelves;
    },
    staleTime: 5 * MINUTES,
  });

/** What the owner put first, in that order. */
export const featured = () =>
  queryOptions({
    queryKey: ["featured"],
    queryFn: async ({ signal }) => {
      if (unsaved) return unsaved.featured;
      const query = { featured: true, ordering: "featured" } as const;
      return (await answered(api.GET("/api/v1/products/", { params: { query }, signal }))).results;
    },
    staleTime: 5 * MINUTES,
  });

export type Ordering = "name" | "-name" | "price" | "-price" | "-created_at";

export interface Wanted {
  category?: string;
  search?: string;
  in_stock?: boolean;
  kind?: "goods" | "service";
  price_max?: string;
  ordering?: Ordering;
  page?: number;
}

export const products = (wish: Wanted) =>
  queryOptions({
    queryKey: ["products", wish],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/v1/products/", { params: { query: { page_size: 24, ...wish } }, signal })),
    placeholderData: keepPreviousData,
  });

export const product = (slug: string) =>
  queryOptions({
    queryKey: ["product", slug],
    queryFn: ({ signal }) => answered(api.GET("/api/v1/products/{slug}/", { params: { path: { slug } }, signal })),
  });

export const services = () =>
  queryOptions({
    queryKey: ["services"],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/v1/services/", { params: { query: { page_size: 100 } }, signal })),
    staleTime: 5 * MINUTES,
  });

export interface WantedTimes {
  service: string[];
  from: string;
  to: string;
  professional?: string;
  explain?: "any";
}

export const slots = (wish: WantedTimes) =>
  queryOptions({
    queryKey: ["slots", wish],
    queryFn: ({ signal }) => answered(api.GET("/api/v1/slots/", { params: { query: wish }, signal })),
    staleTime: 15_000,
    enabled: wish.service.length > 0,
  });

/** The next free time from a day on, in whatever month it is. */
export const nextSlot = (wish: Omit<WantedTimes, "to" | "explain">) =>
  queryOptions({
    queryKey: ["slots", "next", wish],
    queryFn: ({ signal }) => answered(api.GET("/api/v1/slots/next/", { params: { query: wish }, signal })),
    staleTime: 15_000,
  });

/** Return where people write to the shop, beginning with a text; null where it has no number. */
export function whatsapp(shop: Profile, text = ""): string | null {
  if (!shop.whatsapp) return null;
  const chat = `https://wa.me/${shop.whatsapp.replace("+", "")}`;
  return text ? `${chat}?text=${encodeURIComponent(text)}` : chat;
}
