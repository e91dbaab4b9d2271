import { lazy } from "react";
import { Route, Switch } from "wouter";

// the desk first: a call may ring while the page is still loading
const desk = import("../card/Desk");
const Desk = lazy(() => desk);
const Pages = lazy(() => import("../pages/Pages"));

/** Which page an address shows; the pages of the house are in `pages/Pages.tsx`. */
export function Routes() {
  return (
    <Switch>
      <Route path="/">
        <Desk />
      </Route>
      <Route>
        <Pages />
      </Route>
    </Switch>
  );
}
