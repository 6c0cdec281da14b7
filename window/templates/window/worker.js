{% if leaves %}// This shop has no worker any more: what the last one kept is deleted, and the browser forgets it.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  const gone = caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(gone.then(() => self.registration.unregister()));
});
{% else %}// Keeps one page for when there is no network. Everything else is the network's: nothing the API says is ever kept.
const CACHE = "balcao-{{ version }}";
const PAGE = "{{ page }}";
const FILES = [{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const CLOSED = ["/admin/", "/api/", "/incorporar/", "/media/"];

self.addEventListener("install", (event) => {
  const anew = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((kept) => kept.addAll(anew)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== self.location.origin) return;
  const isPage = event.request.mode === "navigate" && !CLOSED.some((place) => pathname.startsWith(place));
  const kept = isPage ? PAGE : FILES.find((file) => file === pathname);
  if (kept === undefined) return;
  event.respondWith(fetch(event.request).catch((problem) => caches.match(kept).then((found) => found ?? Promise.reject(problem))));
});
{% endif %}
