import { lazy } from "react";
import { Redirect, Route, Switch } from "wouter";
import { useMe } from "../api/store";
import { homeOf } from "./places";

// the desk first: a call may ring while the page is still loading
const desk = import("../card/Desk");
const Desk = lazy(() => desk);
const Pages = lazy(() => import("../pages/Pages"));

/** Which page an address shows; the pages of the house are in `pages/Pages.tsx`. */
export function Routes() {
  const home = homeOf(useMe());
  return (
    <Switch>
      <Route path="/">{home === "/" ? <Desk /> : <Redirect to={home} replace />}</Route>
      <Route>
        <Pages />
      </Route>
    </Switch>
  );
}
