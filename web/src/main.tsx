import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/Popover.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { keepPreferences } from "./app/keeping";
import { renewWhenOutdated } from "./app/renewal";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");
renewWhenOutdated();
keepPreferences();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
