import { useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Keysheet } from "../app/keysheet";
import { Notices } from "../app/notices";
import { isDark, switchTheme } from "../app/theme";
import { Controls } from "../charts/controls";
import { shownOf } from "../charts/grouping";
import { Legend } from "../charts/legend";
import { Panels } from "../charts/panels";
import { makeShared } from "../charts/shared";
import type { SeriesName } from "../charts/source";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import type { Report, ReportImage } from "./data";
import { RunsOfReport } from "./runs";
import { ReportSource } from "./source";
import "./report.css";

/** Runs in a file of their own: a table of them, their curves, their last images. */
export function ReportPage({ report }: { report: Report }) {
  const source = useMemo(() => new ReportSource(report), [report]);
  const shared = useMemo(makeShared, []);
  const told = useSignal<readonly SeriesName[]>([]);
  const shown = useMemo(
    () =>
      shownOf(
        report.runs.map(({ key, name, record }) => ({ key, name, record, start: null })),
        [],
      ),
    [report],
  );
  const made = Date.parse(report.made) / 1000;
  const points = report.curves.reduce((sum, one) => sum + one.values.length, 0);
  const isWhole = report.curves.every((one) => one.values.length === one.count);
  return (
    <main class="report">
      <header class="report-head">
        <div>
          <h1>
            <bdi>{report.title}</bdi>
          </h1>
          <p class="hint">
            {exactCount(report.runs.length)} {report.runs.length === 1 ? "run" : "runs"} ·{" "}
            {isWhole ? `all ${exactCount(points)} points` : `${exactCount(points)} points that show all`} · written{" "}
            <time dateTime={report.made} title={exactTime(made)}>
              {briefTime(made)}
            </time>
          </p>
        </div>
        <button class="icon-button" aria-label="Change between light and dark" onClick={switchTheme}>
          <Icon name={isDark.value ? "sun" : "moon"} />
        </button>
      </header>
      <RunsOfReport runs={report.runs} />
      {report.curves.length > 0 && (
        <section aria-label="Charts">
          <Controls names={told.value} />
          <div class="charts">
            <div class="charts-side">
              <Legend shown={shown} shared={shared} />
            </div>
            <div class="charts-main">
              <Panels source={source} shown={shown} shared={shared} onNames={(found) => (told.value = found)} />
            </div>
          </div>
        </section>
      )}
      {report.images.length > 0 && <Images report={report} />}
      {report.leftOut.map((one) => (
        <p key={one} class="hint">
          {one}
        </p>
      ))}
      <Notices />
      <Keysheet />
    </main>
  );
}

function Images({ report }: { report: Report }) {
  const names = [...new Set(report.images.map((one) => one.name))];
  const called = new Map(report.runs.map((one) => [one.key, one.name]));
  return (
    <section aria-label="Images">
      <h2>Images</h2>
      {names.map((name) => (
        <div key={name}>
          <h3>
            <bdi>{name}</bdi>
          </h3>
          <div class="report-images">
            {report.images
              .filter((one) => one.name === name)
              .map((one) => (
                <Figure key={`${one.run} ${one.writer}`} image={one} run={called.get(one.run) ?? one.run} />
              ))}
          </div>
        </div>
      ))}
    </section>
  );
}

function Figure({ image, run }: { image: ReportImage; run: string }) {
  return (
    <figure>
      <img src={image.address} alt={image.description ?? `${image.name} of ${run}`} loading="lazy" />
      <figcaption>
        <bdi>{run}</bdi>
        {image.writer && ` · ${image.writer}`}
        {image.step !== null && <span class="count"> step {image.step}</span>}
      </figcaption>
    </figure>
  );
}
