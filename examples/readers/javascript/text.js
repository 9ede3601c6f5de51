// Finds the records in the bytes of a run file (sections 3.1 to 3.3 of the specification).

import { constants, isUtf8 } from "node:buffer";
import { Fault } from "./fault.js";
import { isObject } from "./values.js";
import { scan } from "./scan.js";

const ONLY_SPACE = /^[ \t\n\r]*$/;

/** What a run file holds: whether it is a stream, and its records, each { value, line, lines }. */
export function recordsOf(bytes, name, warn) {
  const text = bytes.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? bytes.subarray(3) : bytes;
  const written = linesOf(text);
  const first = written.next().value;
  if (!first) throw new Fault("RJ014", "the file holds no record");

  const named = /\.(jsonl|ndjson)$/i.test(name);
  const { state, value } = scanBytes(first.bytes);
  let stream;
  if (state === "whole" && isObject(value)) stream = named || !written.next().done;
  else stream = named && !isOneObject(text);
  return { stream, records: stream ? recordsOfStream(text, warn) : [recordOfDocument(text)] };
}

function recordOfDocument(bytes) {
  const found = scanBytes(bytes);
  if (!found.utf8) throw new Fault("RJ001", "bytes that are not UTF-8", lineThatIsNotUtf8(bytes));
  return check(found);
}

function* recordsOfStream(bytes, warn) {
  let empty = true;
  for (const { bytes: line, number, begin } of linesOf(bytes)) {
    const found = scanBytes(line, number);
    const torn = found.state === "broken off" && /^[ \t\r]*\{/.test(found.text);
    if (torn) {
      if (goesOn(bytes.subarray(begin))) throw new Fault("RJ012", "a record over several lines of a stream", number);
      warn("RJ010", "a torn line, which is skipped", number);
      continue;
    }
    if (!found.utf8) throw new Fault("RJ001", "bytes that are not UTF-8", number);
    yield check(found);
    empty = false;
  }
  if (empty) throw new Fault("RJ014", "the file holds no record");
}

function check(found) {
  if (found.state !== "whole") throw new Fault(found.fault.code, "this is not JSON", found.fault.line);
  if (!isObject(found.value)) {
    if (!ONLY_SPACE.test(found.text.slice(found.end))) throw new Fault("RJ003", "this is not JSON", found.endLine);
    throw new Fault("RJ013", "a record is an object", found.line, []);
  }
  const behind = found.text.slice(found.end);
  if (!ONLY_SPACE.test(behind)) {
    const lines = /^[ \t\n\r]*/.exec(behind)[0].split("\n").length - 1;
    throw new Fault("RJ011", "something stands behind the record", found.endLine + lines);
  }
  if (found.fault) throw new Fault(found.fault.code, "a fault of the text", found.fault.line);
  return found;
}

// Whether the first of these lines, which is torn, and those behind it are one object. Some later line
// of such a file is an error in any case, so looking at 4 KiB is enough: this only finds a better code.
function goesOn(bytes) {
  return scanBytes(bytes.subarray(0, 1 << 12)).state === "whole";
}

function isOneObject(bytes) {
  const { state, value, text, end } = scanBytes(bytes);
  return state === "whole" && isObject(value) && ONLY_SPACE.test(text.slice(end));
}

// The lines that are not blank, without the line break and a carriage return before it.
function* linesOf(bytes) {
  let number = 1;
  for (let begin = 0; begin < bytes.length; number++) {
    let end = bytes.indexOf(10, begin);
    if (end < 0) end = bytes.length;
    const line = bytes.subarray(begin, bytes[end - 1] === 13 && end > begin ? end - 1 : end);
    if (line.some((byte) => byte !== 32 && byte !== 9 && byte !== 13)) yield { bytes: line, number, begin };
    begin = end + 1;
  }
}

// Bytes that are not UTF-8 are read as Latin-1: the grammar can be followed all the same.
function scanBytes(bytes, line) {
  const text = decode(bytes);
  return { ...scan(text, line), text, utf8: isUtf8(bytes) };
}

function decode(bytes) {
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw new Fault("RJ016", `a document or line of more than ${constants.MAX_STRING_LENGTH} bytes`);
  return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
}

function lineThatIsNotUtf8(bytes) {
  for (const { bytes: line, number } of linesOf(bytes)) if (!isUtf8(line)) return number;
}
