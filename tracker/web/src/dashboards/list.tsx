import { useSignal } from "@preact/signals";
import type { Dashboard } from "../api/schema";
import { useAsked } from "../app/asked";
import { tell, tellFault } from "../app/notices";
import { mayEdit } from "../app/projects";
import { address, href } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { Popover } from "../design/popover";
import { briefTime, exactTime } from "../design/times";
import { duplicate, NewDashboard, RenameDashboard } from "./naming";
import { dashboardHref, listDashboards, loadDashboard, removeDashboard, saveDashboard } from "./server";
import "../design/pages.css";
import "./dashboards.css";

/** The dashboards of a project. */
export default function DashboardsPage() {
  const project = address.value.query.get("project");
  if (!project) {
    return (
      <>
        <Top title="Dashboards" />
        <Empty icon="board" title="No project is named">
          <p>Choose one of the list at the left.</p>
        </Empty>
      </>
    );
  }
  return <OfProject key={project} project={project} />;
}

function OfProject({ project }: { project: string }) {
  const asked = useAsked((signal) => listDashboards(project, signal), [project]);
  const isMaking = useSignal(false);
  const all = asked.value;
  const taken = (all ?? []).map((one) => one.name);
  const mayChange = mayEdit(project);
  return (
    <>
      <Top title="Dashboards" of={project}>
        <span class="spring" />
        <a class="button" href={href("/runs", { project })}>
          <Icon name="table" /> Runs
        </a>
        {mayChange && all !== null && all.length > 0 && (
          <button class="button is-first" onClick={() => (isMaking.value = true)}>
            <Icon name="plus" /> New
          </button>
        )}
      </Top>
      {asked.problem && <Failed problem={asked.problem} again={() => void asked.again()} />}
      {!asked.problem && all === null && <Waiting what="the dashboards" />}
      {!asked.problem && all?.length === 0 && (
        <Empty icon="board" title="No dashboards yet">
          <p>
            A dashboard keeps curves, best values, tables and notes about the runs of a project together, as you arrange
            them. It follows runs while they are written, and everybody who may see the project finds it here.
          </p>
          {mayChange ? (
            <button class="button is-first" onClick={() => (isMaking.value = true)}>
              <Icon name="plus" /> Make the first one
            </button>
          ) : (
            <p class="hint">Contributors of the project can make one.</p>
          )}
        </Empty>
      )}
      {!asked.problem && all !== null && all.length > 0 && <List all={all} mayChange={mayChange} again={asked.again} />}
      {isMaking.value && <NewDashboard project={project} taken={taken} onClose={() => (isMaking.value = false)} />}
    </>
  );
}

interface ListProps {
  all: readonly Dashboard[];
  mayChange: boolean;
  again: () => Promise<void>;
}

function List({ all, mayChange, again }: ListProps) {
  const renaming = useSignal<Dashboard | null>(null);
  const taken = all.map((one) => one.name);
  return (
    <div class="page">
      <ul class="board-list" aria-label="Dashboards">
        {all.map((one) => (
          <li key={one.name}>
            <Icon name="board" />
            <a href={dashboardHref(one.project, one.name)} title={one.name}>
              <bdi>{one.name}</bdi>
            </a>
            <span class="hint" title={exactTime(one.changed)}>
              {one.person === null ? "Saved " : <bdi>{one.person}, </bdi>}
              {briefTime(one.changed)}
            </span>
            {mayChange && (
              <Popover label={<Icon name="more" />} name={`More about ${one.name}`} buttonClass="icon-button">
                {(close) => {
                  const item = (icon: "edit" | "copy" | "trash", label: string, does: () => void) => (
                    <button
                      class="row-button"
                      onClick={() => {
                        close();
                        does();
                      }}
                    >
                      <Icon name={icon} />
                      <span>{label}</span>
                    </button>
                  );
                  return (
                    <>
                      {item("edit", "Rename", () => (renaming.value = one))}
                      {item("copy", "Duplicate", () => void duplicate(one, taken).then(again).catch(tellFault))}
                      {item("trash", "Remove", () => void remove(one, again).catch(tellFault))}
                    </>
                  );
                }}
              </Popover>
            )}
          </li>
        ))}
      </ul>
      {renaming.value && (
        <RenameDashboard
          project={renaming.value.project}
          of={renaming.value}
          taken={taken}
          done={again}
          onClose={() => (renaming.value = null)}
        />
      )}
    </div>
  );
}

/** Remove a dashboard, with a way back: it is saved again as it was. */
async function remove(one: Dashboard, again: () => Promise<void>): Promise<void> {
  const { project, name, content } = await loadDashboard(one.project, one.name);
  await removeDashboard(project, name);
  await again();
  const back = async (): Promise<void> => {
    await saveDashboard({ project, name, version: 0, content });
    await again();
  };
  tell(`“${name}” was removed.`, { action: { label: "Undo", does: () => void back().catch(tellFault) } });
}
