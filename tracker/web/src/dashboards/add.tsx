import { useAsked } from "../app/asked";
import { Field, Form } from "../app/form";
import { tell } from "../app/notices";
import { address, go } from "../app/router";
import { Failed, Waiting } from "../app/states";
import { settings, xText } from "../charts/settings";
import { Dialog } from "../design/dialog";
import { added, type Arrangement, type PanelSettings } from "./arrangement";
import { newPanel } from "./kinds";
import { faultOf } from "./naming";
import { dashboardHref, freeName, listDashboards, loadDashboard, saveDashboard } from "./server";
import "./dashboards.css";

const NEW = "";

/** Puts the charts, as they are drawn now, on a dashboard of the project. */
export default function AddToDashboard({ project, onClose }: { project: string; onClose: () => void }) {
  const asked = useAsked((signal) => listDashboards(project, signal), [project]);
  if (asked.problem || asked.value === null) {
    return (
      <Dialog title="Add to a dashboard" onClose={onClose}>
        {asked.problem ? <Failed problem={asked.problem} /> : <Waiting what="the dashboards" />}
      </Dialog>
    );
  }
  const taken = asked.value.map((one) => one.name);
  return (
    <Dialog title="Add to a dashboard" onClose={onClose}>
      <Form
        label="Add the charts"
        at="name"
        onCancel={onClose}
        check={(given) => ({ name: given("dashboard") === NEW ? faultOf(given("name"), taken) : "" })}
        send={async (given) => {
          const isNew = given("dashboard") === NEW;
          const name = isNew ? given("name").trim() : (taken[Number(given("dashboard"))] ?? "");
          const before = isNew
            ? { project, name, version: 0, content: contentOf(address.value.query) }
            : await loadDashboard(project, name);
          const panel = newPanel("series", settingsOfCharts(address.value.query));
          await saveDashboard({ ...before, content: added(before.content, panel) });
          onClose();
          tell(`The charts are on “${name}” now.`, {
            action: { label: "Show it", does: () => go(dashboardHref(project, name)) },
          });
        }}
      >
        <Field name="dashboard" label="Dashboard" hint="It is shown of the runs that the dashboard is about.">
          {(has) => (
            <select {...has} class="board-select">
              {taken.map((name, at) => (
                <option key={name} value={String(at)}>
                  {name}
                </option>
              ))}
              <option value={NEW}>A new one</option>
            </select>
          )}
        </Field>
        <Field
          name="name"
          label="Name of a new one"
          hint="Where one of those above is chosen, it stays as it is called."
        >
          {(has) => <input {...has} autocomplete="off" defaultValue={freeName("Charts", taken)} />}
        </Field>
      </Form>
    </Dialog>
  );
}

/** A new dashboard is about the runs that the charts are about. */
function contentOf(query: URLSearchParams): Arrangement {
  return { where: query.get("where") ?? "", sort: [], by: query.getAll("by"), most: 20, panels: [] };
}

/** What the charts show, as a panel has it. */
function settingsOfCharts(query: URLSearchParams): PanelSettings {
  const { x, isLogX, isLogY, smoothing, ignoresOutliers, band, search } = settings.value;
  return {
    names: query.getAll("series"),
    pattern: search,
    x: x === null ? "" : xText(x),
    log: [...(isLogX ? ["x"] : []), ...(isLogY ? ["y"] : [])],
    smoothing,
    ignore_outliers: ignoresOutliers,
    band,
  };
}
