import type { ReactNode } from "react";
import { Component, Suspense, useEffect, useRef } from "react";
import { useLocation } from "wouter";

import { beginAtTop, isEmbedded } from "./embedding";
import { tell } from "./errors";
import { t } from "./language";
import { Footer, Header } from "./parts/frame";
import { Notices } from "./parts/look";
import { Loading, Trouble } from "./parts/notices";
import { FramedPages, Pages } from "./routes";

export function App() {
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    beginAtTop();
    if (document.activeElement?.closest(".search")) return; // who is typing goes on typing
    main.current?.focus(); // who listens to the page hears that it is another one
  }, [path]);
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault(); // what stands behind the # opens orders
          main.current?.focus();
        }}
      >
        {t("main")}
      </a>
      {!isEmbedded && <Header />}
      <Notices />
      <main id="main" className="page" tabIndex={-1} ref={main}>
        <Boundary key={path}>
          <Suspense fallback={<Loading />}>
            {isEmbedded ? <FramedPages /> : <Pages />}
          </Suspense>
        </Boundary>
      </main>
      {!isEmbedded && <Footer />}
    </>
  );
}

/** Shows what people can do when a page could not be drawn, such as after its scripts were not to be had. */
class Boundary extends Component<{ children: ReactNode }, { problem: unknown }> {
  override state = { problem: null as unknown };

  static getDerivedStateFromError(problem: unknown) {
    return { problem };
  }

  override componentDidCatch(problem: unknown) {
    tell(problem);
  }

  override render() {
    if (this.state.problem === null) return this.props.children;
    return <Trouble problem={this.state.problem} again={() => location.reload()} />;
  }
}
