import "./styles.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";

import { App } from "./app";
import { embedding, isEmbedded, liveInFrame } from "./embedding";
import { watch } from "./errors";
import { speak, wanted } from "./language";
import { queries, unsaved } from "./shop";
import { forTab } from "./storage";

watch();
// The page arrives with the catalogue as text; the program takes its place once it can speak.
await speak(wanted());
if (unsaved) history.replaceState(null, "", "/"); // a preview was sent for from the desk, and begins on the first page
if (isEmbedded) liveInFrame(forTab);
createRoot(document.getElementById("window") as HTMLElement).render(
  <QueryClientProvider client={queries}>
    <Router base={embedding.base}>
      <App />
    </Router>
  </QueryClientProvider>,
);

// Where the shop may be kept on a phone, a worker has a page for when there is no network. It keeps nothing else.
if (!isEmbedded && document.querySelector("link[rel=manifest]") !== null && "serviceWorker" in navigator)
  void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
