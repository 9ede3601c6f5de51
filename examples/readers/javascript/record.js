// Checks one record beyond its shape, and settles its spellings (sections 4 to 7, 11 and 12).

import { createHash } from "node:crypto";
import { Fault, pointer } from "./fault.js";
import { checkFile, checkImage } from "./files.js";
import { faultOfRecord, faultOfValue } from "./shape.js";
import { bare, isEmpty, isNothing, isObject, Moment } from "./values.js";

export const IDENTITY = ["project", "id", "writer"];
export const TEXTS = ["name", "description", "group", "status"];
export const TIMES = ["started_at", "ended_at"];
export const VALUES = ["properties", "source", "environment"];
export const POINTS = ["series", "text", "images", "histograms"];

const ERROR_MEMBERS = new Set(["type", "message", "traceback"]);
const PARENT_MEMBERS = new Set(["id", "step"]);
const FILE_TEXTS = ["data", "uri", "media_type", "description"];
const FILE_NUMBERS = ["bytes", "width", "height"];
const FILE_MEMBERS = new Set(["path", "sha256", "metadata", ...FILE_TEXTS, ...FILE_NUMBERS]);
const COLUMN_TEXTS = ["unit", "goal", "description", "media_type", "x"];
const COLUMN_MEMBERS = new Set(["values", "steps", "times", ...COLUMN_TEXTS]);
const HISTOGRAM_MEMBERS = new Set(["edges", "counts"]);
const RECORD_MEMBERS = new Set([
  "$schema", "runjson", "error", "parent", "tags", "untags", "parameters", "artifacts", "step", "time",
  ...IDENTITY, ...TEXTS, ...TIMES, ...VALUES, ...POINTS,
]);

const NOT_FINITE = { nan: "NaN", inf: "Infinity", infinity: "Infinity" };
const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:[Zz]|([+-]\d\d):?(\d\d))$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Reads the records of one run file, one after another. */
export class RecordReader {
  /** `folder` is that of the run file, undefined where files are not opened. */
  constructor({ stream, folder, lenient, warn }) {
    Object.assign(this, { stream, folder, lenient, warn_: warn, minor: 0n, unopened: new Map() });
  }

  /** Opens the files of the artifacts, once all records are read. */
  end() {
    if (this.folder === undefined) return;
    for (const [name, { file, found }] of this.unopened) {
      this.found = found;
      checkFile(this, file, ["artifacts", name]);
    }
  }

  /** The record with every spelling settled. */
  read(found) {
    this.found = found;
    const raw = found.value;
    const fault = faultOfRecord(raw);
    if (fault) this.fail(fault.code, fault.at, "not of the shape that is asked for");
    this.version(raw.runjson);
    this.identity(raw);

    const record = this.others(raw, RECORD_MEMBERS, [], true);
    const said = (names) => names.filter((name) => !isNothing(raw[name]));
    for (const name of said([...IDENTITY, ...TEXTS])) record[name] = raw[name];
    for (const name of said(TIMES)) record[name] = this.time(raw[name], [name], "RJ117");
    for (const name of said(["tags", "untags"])) record[name] = [raw[name]].flat();
    for (const name of said(["parameters"])) record[name] = this.entries(raw[name], [name]);
    for (const name of said(VALUES)) {
      this.names(raw[name], [name]);
      record[name] = this.entries(raw[name], [name]);
    }
    for (const _ of said(["error"])) this.error(record, raw.error);
    for (const _ of said(["parent"])) record.parent = this.parent(raw.parent);
    for (const _ of said(["artifacts"])) record.artifacts = this.artifacts(raw.artifacts);
    const step = isNothing(raw.step) ? null : this.double(raw.step, ["step"]);
    const time = isNothing(raw.time) ? null : this.pointTime(raw.time, ["time"]);
    for (const kind of said(POINTS)) {
      this.names(raw[kind], [kind]);
      record[kind] = bare();
      for (const name of Object.keys(raw[kind])) record[kind][name] = this.columns(kind, name, raw[kind][name], step, time);
    }
    return record;
  }

  // --- findings

  line(at) {
    let { value, line, lines } = this.found;
    for (const key of at) {
      line = lines?.get(value)?.get(Array.isArray(value) ? Number(key) : key) ?? line;
      value = value?.[key];
    }
    return line;
  }

  fail(code, at, message) {
    throw new Fault(code, message, this.line(at), at);
  }

  warn(code, at, message) {
    this.warn_(code, message, this.line(at), pointer(at));
  }

  // --- the record

  version(runjson) {
    if (isNothing(runjson)) {
      if (!this.first) this.fail("RJ101", [], "the first record lacks runjson");
      return;
    }
    const [major, minor] = runjson.split(".").map(BigInt);
    if (major !== 1n) this.fail("RJ103", ["runjson"], "another major version");
    if (minor > 0n) this.warn("RJ104", ["runjson"], "a greater minor version");
    if (minor > this.minor) this.minor = minor;
  }

  identity(raw) {
    const said = Object.fromEntries(IDENTITY.map((name) => [name, isNothing(raw[name]) ? undefined : raw[name]]));
    if (said.project !== undefined) this.name(said.project, ["project"]);
    if (!this.first) {
      if (said.id === undefined && (this.stream || said.writer !== undefined)) this.fail("RJ110", [], "an id is missing");
      this.first = said;
    }
    for (const name of IDENTITY)
      if (said[name] !== undefined && said[name] !== this.first[name]) this.fail("RJ111", [name], "the first record says otherwise");
  }

  error(record, raw) {
    if (typeof raw === "string") {
      record.error = Object.assign(bare(), { message: raw });
      return;
    }
    const error = this.others(raw, ERROR_MEMBERS, ["error"]);
    for (const name of ERROR_MEMBERS) if (!isNothing(raw[name])) error[name] = raw[name];
    if (Array.isArray(error.traceback))
      error.traceback = error.traceback.map((line, i, { length }) => (i === length - 1 || line.endsWith("\n") ? line : `${line}\n`)).join("");
    if (!isEmpty(error)) record.error = error;
  }

  parent(raw) {
    const parent = this.others(raw, PARENT_MEMBERS, ["parent"]);
    parent.id = raw.id;
    if (!isNothing(raw.step)) parent.step = this.double(raw.step, ["parent", "step"]);
    return parent;
  }

  artifacts(raw) {
    const artifacts = bare();
    this.names(raw, ["artifacts"]);
    for (const [name, file] of Object.entries(raw)) {
      if (file !== null && isEmpty(file)) continue;
      artifacts[name] = file && this.file(file, ["artifacts", name]);
      this.unopened.delete(name); // the word before this one is not opened
      if (artifacts[name]?.path !== undefined) this.unopened.set(name, { file: artifacts[name], found: this.found });
    }
    return artifacts;
  }

  // Section 11: the members that this version does not name.
  others(raw, known, at, ofRecord = false) {
    const kept = bare();
    for (const [name, value] of Object.entries(raw)) {
      if (known.has(name) || value === null) continue;
      const here = [...at, name];
      if (!name.includes(":")) {
        const lost = ofRecord && holdsNumberOrObject(value);
        if (this.minor > 0n || (this.lenient && !lost)) this.warn("RJ105", here, "an unknown member");
        else this.fail("RJ105", here, "an unknown member");
      }
      // The schema asks for this too, but ajv misses names such as "constructor".
      const fault = faultOfValue(value);
      if (fault) this.fail(fault.code, [...here, ...fault.at], "a tagged value with other content");
      kept[name] = this.value(value, here);
    }
    return kept;
  }

  // --- values (section 5)

  value(raw, at) {
    if (typeof raw === "bigint") return Number.isSafeInteger(Number(raw)) ? Number(raw) : raw;
    if (typeof raw === "number") {
      if (Math.abs(raw) >= 9e15 && Math.abs(raw) < 1e21 && raw.toExponential().replace(/e.*|\D/g, "").length > 5)
        this.warn("RJ207", at, "a number that may have lost digits");
      return Number.isInteger(raw) && !Number.isSafeInteger(raw) && Math.abs(raw) < 1e21 ? BigInt(raw) : raw;
    }
    if (Array.isArray(raw)) return raw.map((entry, i) => this.value(entry, [...at, i]));
    if (!isObject(raw)) return raw;
    const [name, more] = Object.keys(raw);
    if (more === undefined) {
      if (name === "$float") return Number(raw.$float);
      if (name === "$int") return this.value(BigInt(raw.$int), at);
      if (name === "$datetime") return new Moment(this.time(raw.$datetime, at, "RJ116"));
    }
    return this.entries(raw, at);
  }

  entries(raw, at) {
    const entries = bare();
    for (const [name, value] of Object.entries(raw)) entries[name] = this.value(value, [...at, name]);
    return entries;
  }

  // The double nearest to a number of the text.
  double(raw, at) {
    const double = Number(raw);
    if (!Number.isFinite(double)) throw new Fault("RJ006", "a number beyond the largest double", this.line(at));
    return double;
  }

  time(text, at, code) {
    const [, year, month, day, clock, hours = "Z", minutes] = TIME.exec(text);
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    if (Number(day) > [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]) this.fail(code, at, "a day that the calendar lacks");
    return `${year}-${month}-${day}T${clock}${hours}${minutes ? `:${minutes}` : ""}`;
  }

  names(raw, at) {
    for (const name of Object.keys(raw)) this.name(name, [...at, name]);
  }

  // The pattern of the schema alone is not enough: it counts no bytes, and its dot stops at U+2028.
  name(text, at) {
    const segments = text.split("/");
    if (segments.some((segment) => ["", ".", ".."].includes(segment)) || CONTROL.test(text) || Buffer.byteLength(text) > 1024) this.fail("RJ108", at, "not a name");
  }

  // --- points (section 6)

  columns(kind, name, raw, step, time) {
    const at = [kind, name];
    const isColumns = isObject(raw) && !isEmpty(raw) && (kind === "series" || kind === "text" || "values" in raw);
    const body = isColumns ? raw : Object.assign(bare(), { values: raw });
    const place = isColumns ? [...at, "values"] : at;
    const members = isColumns ? this.others(body, COLUMN_MEMBERS, at) : bare();
    for (const member of COLUMN_TEXTS) if (!isNothing(body[member])) members[member] = body[member];
    if (members.x !== undefined) this.name(members.x, [...at, "x"]);

    const isArray = Array.isArray(body.values);
    const points = isArray ? body.values : isEmpty(body.values) ? [] : [body.values];
    const values = points.map((point, i) => this.point(kind, point, isArray ? [...place, i] : place));
    const column = (member, ofRecord, read) => {
      const entries = body[member];
      if (isNothing(entries) && !Array.isArray(entries)) return values.map(() => ofRecord);
      const list = [entries].flat();
      if (list.length !== values.length) this.fail("RJ201", [...at, member], "not as long as values");
      return list.map((entry, i) => (entry === null ? null : read(entry, [...at, member, ...(Array.isArray(entries) ? [i] : [])])));
    };
    const steps = column("steps", step, (entry, here) => this.double(entry, here));
    const times = column("times", time, (entry, here) => this.pointTime(entry, here));
    return { values, steps, times, members };
  }

  point(kind, raw, at) {
    if (kind === "series") return this.number(raw, at);
    if (kind === "text") return raw;
    if (kind === "images") return this.file(raw, at);
    return this.histogram(raw, at);
  }

  // A number, or "NaN", "Infinity" or "-Infinity".
  number(raw, at) {
    if (typeof raw !== "string") return this.double(raw, at);
    const name = NOT_FINITE[raw.replace(/^[+-]/, "").toLowerCase()];
    const text = raw.startsWith("-") && name !== "NaN" ? `-${name}` : name;
    if (text !== raw) this.warn("RJ206", at, `an unusual spelling of ${text}`);
    return text;
  }

  pointTime(raw, at) {
    const time = this.double(raw, at);
    if (Math.abs(time) < 1e8) this.warn("RJ205", at, "a time near 1970: the reading of a stopwatch");
    return time;
  }

  histogram(raw, at) {
    const histogram = this.others(raw, HISTOGRAM_MEMBERS, at);
    for (const member of HISTOGRAM_MEMBERS)
      histogram[member] = [raw[member]].flat().map((entry, i) => this.number(entry, [...at, member, ...(Array.isArray(raw[member]) ? [i] : [])]));
    const edges = histogram.edges.map(Number);
    const counts = histogram.counts.map(Number);
    const fall = edges.some((edge, i) => Number.isNaN(edge) || edge < edges[i - 1]);
    if (fall || !edges.slice(1, -1).every(Number.isFinite)) this.fail("RJ122", at, "edges that fall, or are not finite inside");
    if (counts.length !== edges.length - 1 || counts.some((count) => Math.abs(count) === Infinity)) this.fail("RJ122", at, "counts that do not fit the edges");
    return histogram;
  }

  // --- files (section 7)

  file(raw, at) {
    if (typeof raw === "string") raw = Object.assign(bare(), { path: raw });
    const file = this.others(raw, FILE_MEMBERS, at);
    for (const name of FILE_TEXTS) if (!isNothing(raw[name])) file[name] = raw[name];
    for (const name of FILE_NUMBERS) if (!isNothing(raw[name])) file[name] = Number(raw[name]);
    if (!isNothing(raw.sha256)) file.sha256 = raw.sha256.toLowerCase();
    if (!isNothing(raw.metadata)) file.metadata = this.entries(raw.metadata, [...at, "metadata"]);
    if (!isNothing(raw.path)) {
      file.path = this.path(raw.path, at);
      if (this.folder !== undefined && at[0] === "images") checkFile(this, file, at);
    }
    if (file.data !== undefined) {
      file.data = file.data.replace(/[ \t\n\r]/g, "");
      if (file.data.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(file.data)) this.fail("RJ121", [...at, "data"], "not base64");
      const bytes = Buffer.from(file.data, "base64");
      this.checkBytes(file, at, bytes.length, () => createHash("sha256").update(bytes).digest("hex"));
      checkImage(this, file, bytes, at, [...at, "data"]);
    }
    return file;
  }

  // Whether the bytes of a file are those that the record says.
  checkBytes(file, at, size, sha256) {
    if (file.bytes !== undefined && file.bytes !== size) this.fail("RJ304", [...at, "bytes"], `the size is ${size}`);
    if (file.sha256 !== undefined && file.sha256 !== sha256()) this.fail("RJ303", [...at, "sha256"], "the SHA-256 differs");
  }

  path(text, at) {
    const segments = text.replace(/\/$/, "").split("/").filter((segment) => segment !== ".");
    const path = segments.join("/");
    // What is left must be a path too, for the canonical form is read back.
    const odd = [text, path].some((spelling) => /^\/|^[A-Za-z]:|^data:|\\/.test(spelling) || CONTROL.test(spelling));
    if (odd || segments.some((segment) => segment === "" || segment === "..") || path === "") this.fail("RJ119", at, "a path that is refused");
    return path;
  }
}

function holdsNumberOrObject(value) {
  if (Array.isArray(value)) return value.some(holdsNumberOrObject);
  return typeof value === "number" || typeof value === "bigint" || isObject(value);
}
