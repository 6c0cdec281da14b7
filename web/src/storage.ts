// Where things outlive a reload. A browser may forbid that to a page in the frame of another site: then they live as
// long as the page does, and nothing else changes.

type Name = "localStorage" | "sessionStorage";

/** Return storage that is there in any browser. */
export function storageOf(name: Name, place: Partial<Record<Name, Storage>> = globalThis): Storage {
  try {
    const storage = place[name];
    if (storage === undefined) return memory();
    storage.setItem("balcao.try", "1");
    storage.removeItem("balcao.try");
    return storage;
  } catch {
    return memory();
  }
}

/** Return storage that ends with the page. */
export function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (place) => [...kept.keys()][place] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    clear: () => kept.clear(),
  };
}

/** Shared by the tabs of this browser. */
export const forBrowser = storageOf("localStorage");
/** Of this tab alone. */
export const forTab = storageOf("sessionStorage");
