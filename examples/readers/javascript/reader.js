#!/usr/bin/env node
// Reads a run file from standard input and prints whether it is valid, what was found, and its canonical form.

import { dirname } from "node:path";
import { Fault, pointer } from "./fault.js";
import { Fold } from "./fold.js";
import { RecordReader } from "./record.js";
import { recordsOf } from "./text.js";
import { canonical } from "./values.js";

/** Judges a run file. `folder` is where its paths begin; without it files are not opened. */
export function readRun(bytes, name, { folder, lenient = false } = {}) {
  const findings = [];
  const warn = (code, message, line, at) => findings.push({ code, severity: "warning", line, pointer: at, message });
  try {
    const { stream, records } = recordsOf(bytes, name, warn);
    const reader = new RecordReader({ stream, folder, lenient, warn });
    const fold = new Fold();
    for (const found of records) fold.add(reader.read(found), found.line);
    reader.end();
    return { valid: true, findings, canonical: canonical(fold.result(reader.minor)) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    const { code, message, line, at } = fault;
    findings.push({ code, severity: "error", line, pointer: at && pointer(at), message });
    return { valid: false, findings };
  }
}

const options = process.argv.slice(2);
const name = options.find((option) => !option.startsWith("--"));
if (name === undefined) {
  console.error("usage: reader.js [--lenient] [--no-files] NAME < FILE");
  process.exit(2);
}
try {
  const bytes = Buffer.concat(await process.stdin.toArray());
  const folder = options.includes("--no-files") ? undefined : dirname(name);
  const answer = readRun(bytes, name, { folder, lenient: options.includes("--lenient") });
  console.log(JSON.stringify(answer));
  process.exitCode = answer.valid ? 0 : 1;
} catch (failure) {
  console.error(failure);
  process.exitCode = 2;
}
