import { useSignal } from "@preact/signals";
import { get } from "../../api/client";
import { keyOf, keyText, readRuns } from "../../api/runs";
import type { RunTold } from "../../api/schema";
import { href } from "../../app/router";
import { Swatch } from "../../charts/readout";
import { brief } from "../../design/numbers";
import { Drawn } from "../../pictures/drawn";
import { fileOf, isDrawable, pictureOf, type Picture } from "../../pictures/picture";
import type { Panel } from "../arrangement";
import { placesOf, usePanel, type Board } from "../board";
import { imagesSettings } from "../settings";
import { Nothing, PanelProblem } from "./states";

interface Shot {
  key: string;
  step: number;
  picture: Picture;
}

/** The last image of a name of each run. */
export default function ImagesPanel({ board, panel }: { board: Board; panel: Panel }) {
  const { name, runs } = imagesSettings(panel.settings);
  const asked = usePanel(board, (signal) => read(board, name, runs, signal), [name, runs, board.runs.length]);
  if (name === "") return <Nothing>Choose the name of images in the settings of this panel.</Nothing>;
  if (asked.problem) return <PanelProblem problem={asked.problem} again={() => void asked.again()} />;
  if (asked.value === null) return null;
  const places = placesOf(board);
  const shots = asked.value.filter((one) => places.has(one.key));
  if (shots.length === 0) return <Nothing>{`None of the runs that are shown has images called ${name}.`}</Nothing>;
  return (
    <div class="board-scroll" tabIndex={0} role="group" aria-label={panel.title || `Images ${name}`}>
      <ul class="board-images">
        {shots.map((shot) => {
          const said = board.runs.find((one) => one.key === shot.key);
          return (
            <li key={shot.key}>
              <Shown shot={shot} alt={`${name} of ${said?.name ?? ""} at step ${brief(shot.step)}`} />
              <p class="board-name">
                <Swatch place={places.get(shot.key)?.place ?? 0} />
                <a href={href("/run", { run: shot.key })} title={said?.name}>
                  <bdi>{said?.name ?? keyOf(shot.key).id}</bdi>
                </a>
                <span class="count">step {brief(shot.step)}</span>
              </p>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Shown({ shot, alt }: { shot: Shot; alt: string }) {
  const isBroken = useSignal(false);
  const { picture } = shot;
  const isNotDrawn = picture.uri === null && (picture.type === null || isBroken.value);
  return (
    <div class="board-image">
      {picture.uri !== null && (
        <p class="hint">
          Kept elsewhere: <bdi>{picture.uri}</bdi>
        </p>
      )}
      {isNotDrawn && (
        <a href={picture.address} download>
          The browser can not draw this file: save it
        </a>
      )}
      {isDrawable(picture) && !isBroken.value && (
        <Drawn
          address={picture.address}
          type={picture.type}
          alt={picture.says || alt}
          onSize={(size) => (isBroken.value = size === null)}
        />
      )}
    </div>
  );
}

async function read(board: Board, name: string, most: number, signal: AbortSignal): Promise<Shot[]> {
  if (name === "" || board.runs.length === 0) return [];
  const keys = board.runs.slice(0, most).map((one) => keyOf(one.key));
  const runs = await readRuns(keys, signal);
  return (await Promise.all(runs.map((run) => readLast(run, name, signal)))).filter((one) => one !== null);
}

async function readLast(told: RunTold, name: string, signal: AbortSignal): Promise<Shot | null> {
  const own = told.sources.flatMap(({ writer, series }) =>
    series.filter((one) => one.kind === "images" && one.name === name).map((one) => ({ ...one, writer })),
  );
  const [first] = own;
  const count = first?.summary?.count ?? 0;
  if (!first || count === 0) return null;
  const { project, id } = told;
  const { writer, number } = first;
  const asked = { project, id, kind: "images" as const, name, writer, start: count - 1, number };
  const { values, steps } = await get("/api/v1/points", asked, signal);
  const entry = { value: values.at(-1), index: count - 1, writer };
  const picture = pictureOf(told, name, entry, fileOf(told, name, entry));
  return { key: keyText(told), step: steps?.at(-1) ?? count - 1, picture };
}
