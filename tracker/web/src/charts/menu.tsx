import { Icon, type IconName } from "../design/icons";
import { Popover } from "../design/popover";
import { tellFault } from "../app/notices";
import { isDark } from "../app/theme";
import type { X } from "./curve";
import { saveCsv } from "./csv";
import type { Line } from "./lines";
import type { PanelProps } from "./panel";
import type { Plot } from "./plot";
import { saveBlob } from "./save";
import type { SeriesName } from "./source";
import { pngOf, svgOf } from "./svg";

interface Props extends PanelProps {
  drawn: readonly SeriesName[];
  lines: readonly Line[];
  plot: { current: Plot | null };
  x: X;
  xLabel: string;
}

const WIDER = 60;

/** What can be done with a panel. */
export function PanelMenu(props: Props) {
  const { series, settings, change, size, columns, isFull = false, move } = props;
  const resize = (span: number, height: number): void =>
    change({ sizes: { ...settings.sizes, [series.name]: { span, height } } }, { replace: true });
  return (
    <Popover label={<Icon name="more" />} name={`More for ${series.name}`} buttonClass="icon-button">
      {(close) => (
        <>
          <Item icon="download" close={close} does={() => void savePng(props)}>
            Save as PNG
          </Item>
          <Item icon="download" close={close} does={() => saveSvg(props)}>
            Save as SVG
          </Item>
          <Item icon="download" close={close} does={() => void savePoints(props)}>
            Save all points as CSV
          </Item>
          {!isFull && (
            <>
              <hr />
              <Item icon="left" close={close} does={move.earlier}>
                Move earlier
              </Item>
              <Item icon="right" close={close} does={move.later}>
                Move later
              </Item>
              <Item
                icon="columns"
                close={close}
                does={columns > 1 ? () => resize(size.span >= columns ? 1 : size.span + 1, size.height) : null}
              >
                {columns > 1 && size.span >= columns ? "As wide as one" : "Wider"}
              </Item>
              <Item icon="down" close={close} does={() => resize(size.span, size.height + WIDER)}>
                Higher
              </Item>
            </>
          )}
        </>
      )}
    </Popover>
  );
}

interface ItemProps {
  icon: IconName;
  close: () => void;
  does: (() => void) | null;
  children: string;
}

function Item({ icon, close, does, children }: ItemProps) {
  return (
    <button
      class="row-button"
      disabled={!does}
      onClick={() => {
        close();
        does?.();
      }}
    >
      <Icon name={icon} />
      <span>{children}</span>
    </button>
  );
}

function saveSvg(props: Props): void {
  const text = pictureOf(props);
  if (text) saveBlob(`${fileName(props.series.name)}.svg`, new Blob([text.svg], { type: "image/svg+xml" }));
}

async function savePng(props: Props): Promise<void> {
  const text = pictureOf(props);
  if (!text) return;
  try {
    saveBlob(`${fileName(props.series.name)}.png`, await pngOf(text));
  } catch (error) {
    tellFault(error);
  }
}

async function savePoints({ source, series, drawn, shown, settings }: Props): Promise<void> {
  const runs = shown.filter((one) => !settings.hidden.includes(one.id)).flatMap((one) => one.runs);
  try {
    const names = drawn.map((one) => one.name);
    await saveCsv(`${fileName(series.name)}.csv`, source, runs, names);
  } catch (error) {
    tellFault(error);
  }
}

function pictureOf({ series, drawn, lines, plot, xLabel }: Props) {
  if (!plot.current) return null;
  const { frame, ticks } = plot.current;
  const unit = series.unit && drawn.length === 1 ? ` [${series.unit}]` : "";
  return svgOf({
    title: drawn.map((one) => one.name).join(", ") + unit,
    lines,
    frame,
    ticks,
    xLabel,
    isDark: isDark.value,
  });
}

/** A name that every file system takes. */
function fileName(series: string): string {
  return series.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 100) || "series";
}
