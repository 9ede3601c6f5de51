// A program that writes a run: what the types take, and what they refuse.

import type { FileEntry, RunRecord, SeriesColumns, SeriesPoint, Value } from "../../../schema/v1/record.js";

const point = (value: number): SeriesPoint => (Number.isFinite(value) ? value : (`${value}` as SeriesPoint));

const losses: readonly number[] = [0.9, Infinity, 0.3];
const loss: SeriesColumns = { values: losses.map(point), steps: [0, 10, 20], goal: "minimize" };
const options: Record<string, number> = { width: 64 };
const parameters: { [name: string]: Value } = { lr: 0.1, model: options, seed: { $int: `${2n ** 60n}` } };
const model: FileEntry = { path: "model.bin", bytes: 4096 };

export const run: RunRecord = {
  runjson: "1.0",
  id: "mlp-7",
  status: "succeeded",
  started_at: new Date().toISOString(),
  parameters,
  series: { "train/loss": loss, accuracy: [0.7, 0.9] },
  text: { log: "done" },
  artifacts: { model, old: null },
  "acme:queue": { name: "night" },
};

// @ts-expect-error a member of another name
export const misspelt: RunRecord = { runjson: "1.0", metrics: { loss: 0.9 } };

// @ts-expect-error a status of another word
export const status: RunRecord = { runjson: "1.0", status: "done" };

// @ts-expect-error a point that is null
export const point_: RunRecord = { runjson: "1.0", series: { loss: [0.9, null] } };

// @ts-expect-error both a path and a URI
export const file: FileEntry = { path: "model.bin", uri: "s3://bucket/model.bin" };

// @ts-expect-error an array of bits that JSON.stringify makes an object of
export const typed: RunRecord = { runjson: "1.0", series: { loss: new Float64Array([0.9, 0.5]) } };
