// Fit a line to the petals of irises, tracked by print statements: Node alone.
//
// node iris.mjs fit|diverge|fail DATA FOLDER

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

// -- to copy: texts, numbers, and the time ----------------------------------------------------------------------------

/** A text in quotes. JSON.stringify knows all escapes; half a surrogate pair, as slice() leaves it, is no text. */
const text = (value) => JSON.stringify(value.replace(/\p{Surrogate}/gu, "\ufffd"));

/** A number of a series; JSON has no NaN and no infinities, and JSON.stringify would write null. */
const point = (value) => (Number.isFinite(value) ? String(value) : `"${value}"`);

/** The same as a property or parameter. A BigInt keeps all its digits. */
const tagged = (value) =>
  typeof value === "bigint" || Number.isFinite(value) ? String(value) : `{"$float": "${value}"}`;

/** The moment in UTC, and as seconds since 1970. */
const now = () => new Date().toISOString();
const seconds = () => Date.now() / 1000;

// -- the experiment ---------------------------------------------------------------------------------------------------

function main(variant, data, folder) {
  const rows = readFileSync(data, "utf8").trim().split("\n").slice(1);
  const pairs = rows.map((row) => row.split(",").slice(2, 4).map(Number));
  const heldOut = pairs.filter((_, index) => index % 5 === 0);
  const train = pairs.filter((_, index) => index % 5 !== 0);
  const [rate, epochs] = variant === "diverge" ? [10, 150] : [0.02, 100];

  const id = `javascript-${variant}`;
  const begin = [
    `"runjson": "1.0", "project": "languages", "id": ${text(id)}`,
    `"name": ${text(`Petals of irises in JavaScript: ${variant}`)}, "started_at": ${text(now())}`,
    `"tags": ["languages", ${text('say "hi" \\ 🦉\n\x07')}]`,
    `"parameters": {"rate": ${tagged(rate)}, "epochs": ${tagged(epochs)}, "big": ${tagged(9007199254740993n)}, ` +
      `"note": ${text('He said: "5 \\ 3"\n\tnaïve 🦉 \x01')}}`,
    `"source": {"language": "JavaScript", "script": "iris.mjs"}`,
    `"environment": {"version": ${text(process.version)}}`,
  ];

  const stream = openSync(join(folder, `${id}.run.jsonl`), "w");
  const write = (record) => writeSync(stream, `{${record}}\n`);
  const columns = { series: {}, text: {} };
  const log = (kind, series, value, step) => {
    const time = seconds();
    write(`"step": ${step}, "time": ${time}, "${kind}": {"${series}": ${value}}`);
    const column = (columns[kind][series] ??= { values: [], steps: [], times: [] });
    column.values.push(value);
    column.steps.push(step);
    column.times.push(time);
  };

  write([...begin, `"status": "running"`].join(", "));
  const losses = [];
  let slope = 0;
  let intercept = 0;
  let end;
  let failed = false;
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const found = fit(train, slope, intercept);
      log("series", "train/loss", point(found.loss), epoch);
      losses.push(found.loss);
      if (epoch % 10 === 0) {
        log("series", "validation/loss", point(fit(heldOut, slope, intercept).loss), epoch);
        log("text", "log", text(`epoch ${epoch}: loss ${found.loss.toPrecision(6)}`), epoch);
      }
      if (variant === "fail" && epoch === 50) readFileSync(join(folder, "no-such-checkpoint"));
      slope -= rate * found.bySlope;
      intercept -= rate * found.byIntercept;
    }
    writeFileSync(join(folder, `${id}-loss.svg`), drawn(losses));
    const model = Buffer.from(`${slope} ${intercept}\n`);
    writeFileSync(join(folder, `${id}-model.txt`), model);
    const digest = createHash("sha256").update(model).digest("hex");
    end = [
      `"status": "succeeded"`,
      `"properties": {"slope": ${tagged(slope)}, "intercept": ${tagged(intercept)}}`,
      `"images": {"loss": {"path": "${id}-loss.svg", "media_type": "image/svg+xml"}}`,
      `"artifacts": {"model": {"path": "${id}-model.txt", "bytes": ${model.length}, "sha256": "${digest}"}}`,
    ];
  } catch (error) {
    failed = true;
    end = [`"status": "failed"`, `"error": {"type": ${text(error.name)}, "message": ${text(error.message)}}`];
  }
  end.push(`"ended_at": ${text(now())}`);
  write(end.join(", "));
  closeSync(stream);

  // The document: the same, with the points as columns.
  const members = (object, inner) =>
    Object.entries(object).map(([name, value]) => `"${name}": ${inner(value)}`).join(", ");
  const list = (entries) => `[${entries.join(", ")}]`;
  const points = members(columns, (kind) => `{${members(kind, (column) => `{${members(column, list)}}`)}}`);
  writeFileSync(join(folder, `${id}.run.json`), `{${[...begin, points, ...end].join(",\n ")}}\n`);
  return failed ? 1 : 0;
}

/** The mean square of the errors, and its derivatives by slope and intercept. */
function fit(pairs, slope, intercept) {
  let loss = 0;
  let bySlope = 0;
  let byIntercept = 0;
  for (const [length, width] of pairs) {
    const error = slope * length + intercept - width;
    loss += error * error;
    bySlope += 2 * error * length;
    byIntercept += 2 * error;
  }
  return { loss: loss / pairs.length, bySlope: bySlope / pairs.length, byIntercept: byIntercept / pairs.length };
}

/** The curve of the finite losses as SVG, on a logarithmic axis. */
function drawn(losses) {
  const logs = losses.filter(Number.isFinite).map(Math.log10);
  const low = Math.min(...logs);
  const high = Math.max(...logs);
  const points = logs.map((height, index) =>
    [(300 * index) / logs.length, 10 + (180 * (high - height)) / (high - low)].map((x) => x.toFixed(2)).join(","),
  );
  const line = `<polyline points="${points.join(" ")}" fill="none" stroke="black"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">${line}</svg>\n`;
}

process.exitCode = main(...process.argv.slice(2));
