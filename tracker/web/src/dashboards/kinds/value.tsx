import { post } from "../../api/client";
import type { Row } from "../../api/schema";
import { numberOf } from "../../api/series";
import { href } from "../../app/router";
import { exactCount, withSpread } from "../../design/numbers";
import { valueCell } from "../../runs/cells";
import { asideOf, fieldOf, labelOf } from "../../runs/fields";
import { keyText } from "../../api/runs";
import type { Panel } from "../arrangement";
import { usePanel, type Board } from "../board";
import { valueSettings, type ValueSettings } from "../settings";
import { Nothing, PanelProblem } from "./states";

interface Found {
  text: string;
  exact: string;
  /** What stands below, where there is no run. */
  says: string;
  run: Row | null;
}

/** A field in one large number: the best, the mean or the last of it. */
export default function ValuePanel({ board, panel }: { board: Board; panel: Panel }) {
  const said = valueSettings(panel.settings);
  const asked = usePanel(board, (signal) => read(board, said, signal), [said]);
  if (said.field === "") return <Nothing>Choose a field in the settings of this panel.</Nothing>;
  if (asked.problem) return <PanelProblem problem={asked.problem} again={() => void asked.again()} />;
  if (asked.value === null) return null;
  const { found } = asked.value;
  if (found === null) return <Nothing>{`No run has a number of ${said.field} yet.`}</Nothing>;
  const field = fieldOf(said.field);
  return (
    <div class="board-value">
      <p class="board-value-of">
        {WORDS[said.of]} <bdi>{labelOf(field)}</bdi> {asideOf(field)}
      </p>
      <p class="board-figure" title={found.exact}>
        {found.text}
      </p>
      {found.run ? (
        <a href={href("/run", { run: keyText(found.run) })} title={found.run.id}>
          <bdi>{found.run.name ?? found.run.id}</bdi>
        </a>
      ) : (
        <p class="hint">{found.says}</p>
      )}
    </div>
  );
}

const WORDS = { best: "Best", mean: "Mean", last: "Newest" };

async function read(board: Board, said: ValueSettings, signal: AbortSignal): Promise<{ found: Found | null }> {
  if (said.field === "") return { found: null };
  return { found: await READERS[said.of](board, said, signal) };
}

const READERS = { best: readBest, mean: readMean, last: readLast };

async function readBest({ project, where }: Board, said: ValueSettings, signal: AbortSignal): Promise<Found | null> {
  const asked = { project, where: where || null, by: said.field, goal: said.goal };
  const [best] = (await post("/api/v1/best/search", asked, signal)).best;
  if (!best) return null;
  const { text, exact } = valueCell(best.value);
  return { text, exact, says: "", run: best.run };
}

async function readMean({ project, where }: Board, { field }: ValueSettings, signal: AbortSignal) {
  const asked = { project, where: where || null, by: [], columns: [field] };
  const [all] = (await post("/api/v1/groups/search", asked, signal)).groups;
  const { mean = null, std = null, count = 0 } = all?.statistics[field] ?? {};
  if (mean === null || count === 0) return null;
  const value = numberOf(mean);
  const spread = std === null ? null : numberOf(std);
  const says = `of ${exactCount(count)} ${count === 1 ? "run" : "runs"}`;
  return { text: withSpread(value, spread), exact: String(value), says, run: null };
}

async function readLast({ project, where }: Board, { field }: ValueSettings, signal: AbortSignal) {
  const has = `${field} exists`;
  const asked = { project, where: where ? `(${where}) and ${has}` : has, limit: 1, columns: [field] };
  const [row] = (await post("/api/v1/runs/search", asked, signal)).rows;
  if (!row) return null;
  const { text, exact } = valueCell(row.values[field]);
  return { text, exact, says: "", run: row };
}
