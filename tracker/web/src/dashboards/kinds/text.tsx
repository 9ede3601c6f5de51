import { Markdown } from "../../run/markdown";
import "../../run/markdown.css";
import type { Panel } from "../arrangement";
import { textSettings } from "../settings";
import { Nothing } from "./states";

/** Words beside the figures, as Markdown. */
export default function TextPanel({ panel }: { panel: Panel }) {
  const { text } = textSettings(panel.settings);
  if (text.trim() === "") return <Nothing>Write the text in the settings of this panel.</Nothing>;
  return (
    <div class="board-scroll board-text" tabIndex={0} role="group" aria-label={panel.title || "Text"}>
      <Markdown text={text} />
    </div>
  );
}
