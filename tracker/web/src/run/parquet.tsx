import {
  asyncBufferFromUrl,
  cachedAsyncBuffer,
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
} from "hyparquet";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Waiting } from "../app/states";
import { DataGrid } from "./datagrid";
import { sizeText } from "./files";

// So many rows are shown at most, and fewer where they are wide.
const ROWS = 1000;
const FEW = 50;

interface Found {
  columns: string[];
  rows: string[][];
  total: number;
}

/** The first rows of a table in Parquet, of which no more is fetched than these rows need. */
export default function Parquet({ address, bytes, most }: { address: string; bytes: number; most: number }) {
  const found = useSignal<Found | null>(null);
  const fault = useSignal("");
  useEffect(() => {
    let isGone = false;
    read(address, bytes, most)
      .then((table) => {
        if (!isGone) found.value = table;
      })
      .catch((error: unknown) => {
        if (!isGone) fault.value = error instanceof Error ? error.message : String(error);
      });
    return () => void (isGone = true);
  }, [address]);
  if (fault.value)
    return (
      <p class="fault" role="alert">
        The table could not be shown: <bdi>{fault.value}</bdi>. Download it to read it.
      </p>
    );
  if (!found.value) return <Waiting what="the table" />;
  return <DataGrid label="Table" {...found.value} />;
}

async function read(address: string, bytes: number, most: number): Promise<Found> {
  const whole = await asyncBufferFromUrl({ url: address, byteLength: bytes });
  let room = most;
  const limited: AsyncBuffer = {
    byteLength: whole.byteLength,
    slice: (start, end) => {
      room -= (end ?? whole.byteLength) - start;
      if (room < 0) throw new Error(`its first rows need more than ${sizeText(most)}`);
      return whole.slice(start, end);
    },
  };
  const file = cachedAsyncBuffer(limited);
  const metadata = await parquetMetadataAsync(file);
  const total = Number(metadata.num_rows);
  const columns = metadata.schema[0]?.num_children ? topNames(metadata.schema) : [];
  const rowEnd = Math.min(columns.length > 100 ? FEW : ROWS, total);
  const told = await parquetReadObjects({ file, metadata, rowStart: 0, rowEnd });
  const rows = told.map((row) => columns.map((name) => cellText(row[name])));
  return { columns, rows, total };
}

/** The columns, whatever stands below them. */
function topNames(schema: readonly { name: string; num_children?: number }[]): string[] {
  const names: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) names.push(schema[at]?.name ?? "");
  return names;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "object")
    return JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one));
  return String(value);
}
