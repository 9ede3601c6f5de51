import { MOST_SMOOTHING } from "../charts/settings";
import { curveField, curvesOf, fieldOf } from "../runs/fields";
import { fields as known } from "../runs/known";
import { Icon } from "../design/icons";
import { changed, HEIGHTS, WIDTHS, type Panel, type Setting } from "./arrangement";
import type { Draft } from "./draft";
import { Check, Choice, FieldField, Labelled, Many, NumberField, TextField } from "./inputs";
import { kindOf, titleOf } from "./kinds";
import {
  imagesSettings,
  MOST_IMAGES,
  MOST_ROWS,
  parallelSettings,
  runsSettings,
  scatterSettings,
  seriesSettings,
  textSettings,
  valueSettings,
} from "./settings";

interface Props {
  panel: Panel;
  draft: Draft;
  onClose: () => void;
}

/** Change one setting; what else was written in them stays. */
type Put = (name: string, value: Setting) => void;

/** What a panel shows, beside the dashboard; each change shows at once. */
export function SettingsForm({ panel, draft, onClose }: Props) {
  const of = kindOf(panel.kind);
  const Form = FORMS[panel.kind];
  const put: Put = (name, value) => {
    const all = draft.content.peek();
    // What was changed a moment before is not drawn yet.
    const before = all.panels.find((one) => one.id === panel.id)?.settings;
    draft.change(changed(all, panel.id, { settings: { ...before, [name]: value } }), `${name} ${panel.id}`);
  };
  const size = (part: Partial<Panel>): void =>
    draft.change(changed(draft.content.peek(), panel.id, part), `size ${panel.id}`);
  return (
    <aside
      class="board-settings"
      aria-label={`Settings of ${titleOf(panel)}`}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header>
        <h2>{of?.title ?? panel.kind}</h2>
        <button class="icon-button" aria-label="Close the settings" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <Form panel={panel} put={put} />
      <div class="board-pair">
        <NumberField label="Width, of 12" value={panel.width} bounds={WIDTHS} onChange={(width) => size({ width })} />
        <NumberField
          label="Height, pixels"
          value={panel.height}
          bounds={HEIGHTS}
          onChange={(height) => size({ height })}
        />
      </div>
    </aside>
  );
}

interface FormProps {
  panel: Panel;
  put: Put;
}

const FORMS = {
  series: SeriesForm,
  runs: RunsForm,
  value: ValueForm,
  scatter: ScatterForm,
  parallel: ParallelForm,
  images: ImagesForm,
  text: TextForm,
};

function SeriesForm({ panel, put }: FormProps) {
  const said = seriesSettings(panel.settings);
  const names = seriesNames();
  const log = (axis: "x" | "y", isOn: boolean): void =>
    put(
      "log",
      ["x", "y"].filter((one) => (one === axis ? isOn : one === "x" ? said.isLogX : said.isLogY)),
    );
  return (
    <>
      <Many
        label="Series"
        all={names.map(curveField)}
        chosen={said.names.map(curveField)}
        onChange={(now) => put("names", now.map((text) => fieldOf(text).path[0] ?? "").filter(Boolean))}
      />
      {said.names.length === 0 && (
        <TextField
          label="Or those whose name contains"
          hint="Between slashes a regular expression, such as /loss$/."
          value={said.pattern}
          onInput={(text) => put("pattern", text)}
        />
      )}
      <Choice
        label="Over"
        value={said.x}
        choices={[
          ["", "As each series says"],
          ["step", "Step"],
          ["relative", "Time since the start"],
          ["time", "Time"],
          ...names.map((name): [string, string] => [`series:${name}`, name]),
        ]}
        onChange={(x) => put("x", x)}
      />
      <div class="board-checks">
        <Check label="Logarithmic x" isOn={said.isLogX} onChange={(isOn) => log("x", isOn)} />
        <Check label="Logarithmic y" isOn={said.isLogY} onChange={(isOn) => log("y", isOn)} />
        <Check label="All in one chart" isOn={said.isTogether} onChange={(isOn) => put("together", isOn)} />
        <Check label="Ignore outliers" isOn={said.ignoresOutliers} onChange={(isOn) => put("ignore_outliers", isOn)} />
      </div>
      <Labelled label={`Smoothing ${said.smoothing === 0 ? "off" : said.smoothing.toFixed(2)}`}>
        {(id) => (
          <input
            id={id}
            type="range"
            min="0"
            max={MOST_SMOOTHING}
            step="0.01"
            value={said.smoothing}
            onInput={(event) => put("smoothing", Number(event.currentTarget.value))}
          />
        )}
      </Labelled>
      <Choice
        label="Around the mean of a group"
        value={said.band}
        choices={[
          ["deviation", "± one standard deviation"],
          ["extremes", "Least to greatest"],
        ]}
        onChange={(band) => put("band", band)}
      />
    </>
  );
}

function RunsForm({ panel, put }: FormProps) {
  const { columns, sort, rows } = runsSettings(panel.settings);
  const [first = ""] = sort;
  const isDescending = first.startsWith("-");
  const field = isDescending ? first.slice(1) : first;
  const sortBy = (text: string, descending: boolean): void => put("sort", text ? [descending ? `-${text}` : text] : []);
  return (
    <>
      <Many
        label="Columns"
        all={(known.value ?? []).filter((one) => one !== "name")}
        chosen={columns}
        onChange={(now) => put("columns", [...now])}
      />
      <FieldField
        label="Sorted by"
        none="As the dashboard"
        value={field}
        onChange={(text) => sortBy(text, isDescending)}
      />
      {field !== "" && (
        <Check label="The greatest first" isOn={isDescending} onChange={(isOn) => sortBy(field, isOn)} />
      )}
      <NumberField label="Rows at most" value={rows} bounds={[1, MOST_ROWS]} onChange={(now) => put("rows", now)} />
    </>
  );
}

function ValueForm({ panel, put }: FormProps) {
  const said = valueSettings(panel.settings);
  return (
    <>
      <FieldField label="Field" none="Choose one" value={said.field} onChange={(text) => put("field", text)} isNumber />
      <Choice
        label="Shown is"
        value={said.of}
        choices={[
          ["best", "The best, with its run"],
          ["mean", "The mean of all runs"],
          ["last", "That of the newest run"],
        ]}
        onChange={(of) => put("of", of)}
      />
      {said.of === "best" && (
        <Choice
          label="Better is"
          value={said.goal ?? ""}
          choices={[
            ["", "As the series says"],
            ["minimize", "Less"],
            ["maximize", "More"],
          ]}
          onChange={(goal) => put("goal", goal || null)}
        />
      )}
    </>
  );
}

function ScatterForm({ panel, put }: FormProps) {
  const said = scatterSettings(panel.settings);
  return (
    <>
      <FieldField label="Across" none="Choose one" value={said.x} onChange={(text) => put("x", text)} />
      <ScaleField label="Scale across" value={said.scaleX ?? ""} onChange={(text) => put("x_scale", text || null)} />
      <FieldField label="Up" none="Choose one" value={said.y} onChange={(text) => put("y", text)} />
      <ScaleField label="Scale up" value={said.scaleY ?? ""} onChange={(text) => put("y_scale", text || null)} />
    </>
  );
}

function ScaleField(props: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <Choice
      {...props}
      choices={[
        ["", "As the values are spread"],
        ["linear", "Linear"],
        ["log", "Logarithmic"],
      ]}
    />
  );
}

function ParallelForm({ panel, put }: FormProps) {
  const { fields } = parallelSettings(panel.settings);
  return <Many label="Fields" all={known.value ?? []} chosen={fields} onChange={(now) => put("fields", [...now])} />;
}

function ImagesForm({ panel, put }: FormProps) {
  const { name, runs } = imagesSettings(panel.settings);
  return (
    <>
      <TextField
        label="Name of the images"
        hint="As it was logged, such as samples."
        value={name}
        onInput={(text) => put("name", text)}
      />
      <NumberField label="Runs at most" value={runs} bounds={[1, MOST_IMAGES]} onChange={(now) => put("runs", now)} />
    </>
  );
}

function TextForm({ panel, put }: FormProps) {
  const { text } = textSettings(panel.settings);
  return (
    <Labelled label="Text, as Markdown">
      {(id) => <textarea id={id} rows={14} value={text} onInput={(event) => put("text", event.currentTarget.value)} />}
    </Labelled>
  );
}

function seriesNames(): readonly string[] {
  return curvesOf(known.value ?? []).map((text) => fieldOf(text).path[0] ?? "");
}
