import { useEffect } from "react";
import { Link } from "wouter";

import { useIsSignedIn } from "../account";
import { t } from "../language";

interface Shut {
  title: string;
  text: string;
  /** Where those of who is signed in are listed. */
  own: { href: string; name: string };
}

/** This browser holds nothing that opens the order or the visit. Whether there is one, nobody is told. */
export function Closed({ title, text, own }: Shut) {
  const isSignedIn = useIsSignedIn();
  useEffect(() => {
    const again = () => location.reload(); // the whole link was put into the address of this page
    window.addEventListener("hashchange", again);
    return () => window.removeEventListener("hashchange", again);
  }, []);
  return (
    <section className="trouble">
      <h1>{title}</h1>
      <p>{text}</p>
      <Link href={isSignedIn ? own.href : "/entrar"} className="button is-main">
        {isSignedIn ? own.name : t("sign_in")}
      </Link>
    </section>
  );
}
