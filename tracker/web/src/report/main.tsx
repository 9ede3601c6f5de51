import { render } from "preact";
import { keepBehindHash } from "../app/router";
import { applyTheme } from "../app/theme";
import "../design/tokens.css";
import "../design/base.css";
import "../design/parts.css";
import "../app/shell.css";
import "../runs/runs.css";
import { readReport } from "./data";
import { ReportPage } from "./page";

applyTheme();
keepBehindHash();
const root = document.getElementById("report");
const held = document.getElementById("data");
if (root && held) {
  readReport(held.textContent ?? "").then(
    (report) => {
      root.replaceChildren();
      render(<ReportPage report={report} />, root);
    },
    (error: unknown) => {
      // The table that the file has without scripts stays.
      const told = document.createElement("p");
      told.setAttribute("role", "alert");
      told.textContent = `The curves can not be shown: the file may have been cut off. (${String(error)})`;
      root.prepend(told);
    },
  );
}
