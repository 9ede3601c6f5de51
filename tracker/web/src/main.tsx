import { render } from "preact";
import "./design/tokens.css";
import "./design/base.css";
import "./design/parts.css";
import "./app/shell.css";
import { App } from "./app/app";
import { applyTheme } from "./app/theme";

applyTheme();
const root = document.getElementById("app");
if (root) render(<App />, root);
