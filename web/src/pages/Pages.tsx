import { lazy, type ReactNode, Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import type { Me } from "../api/shapes";
import { useMe } from "../api/store";
import { OPERATORS } from "../app/places";
import { Forbidden, Guard, NotFound } from "./Fault";

const MissedPage = lazy(() => import("./missed/MissedPage"));
const CustomersPage = lazy(() => import("./customer/CustomersPage"));
const CustomerPage = lazy(() => import("./customer/CustomerPage"));
const NewContactPage = lazy(() => import("./customer/NewContactPage"));
const EditContactPage = lazy(() => import("./customer/EditContactPage"));
const ImportPage = lazy(() => import("./customer/import/ImportPage"));
const CallsPage = lazy(() => import("./calls/CallsPage"));
const PromisesPage = lazy(() => import("./promises/PromisesPage"));
const PeoplePage = lazy(() => import("./people/PeoplePage"));
const ProfilePage = lazy(() => import("./profile/ProfilePage"));
const TrunksPage = lazy(() => import("./trunks/TrunksPage"));
const TrunkPage = lazy(() => import("./trunks/TrunkPage"));
const SystemPage = lazy(() => import("./trunks/SystemPage"));
const ConfigurePage = lazy(() => import("./trunks/form/ConfigurePage"));
const DialPage = lazy(() => import("./DialPage"));

/** Every page beside the desk itself, each loaded when it is first opened. */
export default function Pages() {
  const [at] = useLocation();
  return (
    <Guard at={at}>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/missed/:id?">
            {({ id }) => (
              <Scoped scope="calls:read">
                <MissedPage id={id ?? null} />
              </Scoped>
            )}
          </Route>
          <Route path="/calls/:id?">
            {({ id }) => (
              <Scoped scope="calls:read">
                <CallsPage id={id ?? null} />
              </Scoped>
            )}
          </Route>
          <Route path="/contacts">
            <Scoped scope="contacts:read">
              <CustomersPage />
            </Scoped>
          </Route>
          <Route path="/contacts/new">
            <Scoped scope="contacts:write">
              <NewContactPage />
            </Scoped>
          </Route>
          <Route path="/contacts/import">
            <Scoped scope="contacts:write">
              <ImportPage />
            </Scoped>
          </Route>
          <Route path="/contacts/:id/edit">
            {({ id }) => (
              <Scoped scope="contacts:write">
                <EditContactPage key={id} id={id} />
              </Scoped>
            )}
          </Route>
          <Route path="/contacts/:id">
            {({ id }) => (
              <Scoped scope="contacts:read">
                <CustomerPage key={id} id={id} />
              </Scoped>
            )}
          </Route>
          <Route path="/promises">
            <Scoped scope="contacts:read">
              <PromisesPage />
            </Scoped>
          </Route>
          <Route path="/colleagues">
            <Scoped scope="events:read">
              <PeoplePage />
            </Scoped>
          </Route>
          <Route path="/profile">
            <ProfilePage />
          </Route>
          <Route path="/call">
            <Scoped scope="calls:dial">
              <DialPage />
            </Scoped>
          </Route>
          <Route path="/trunks">
            <Operators>
              <TrunksPage />
            </Operators>
          </Route>
          <Route path="/trunks/configure">
            <Operators roles={["pbx-admin", "admin"]}>
              <ConfigurePage />
            </Operators>
          </Route>
          <Route path="/trunks/systems/:id">
            {({ id }) => (
              <Operators>
                <SystemPage key={id} id={id} />
              </Operators>
            )}
          </Route>
          <Route path="/trunks/:id">
            {({ id }) => (
              <Operators>
                <TrunkPage key={id} id={id} />
              </Operators>
            )}
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Guard>
  );
}

interface OperatorsProps {
  roles?: readonly Me["role"][];
  children: ReactNode;
}

function Operators({ roles = OPERATORS, children }: OperatorsProps) {
  return roles.includes(useMe().role) ? children : <Forbidden />;
}

function Scoped({ scope, children }: { scope: string; children: ReactNode }) {
  return useMe().scopes.includes(scope) ? children : <Forbidden />;
}
