// Checks the shape of a record by the JSON Schema, which compile.js has made into a program.

import { isRecord, isValue } from "./compiled.cjs";
import { bare, isNothing } from "./values.js";

// "x-code" does not reach through a "$ref". These members are the ones that are referred to so.
const CODES_OF_MEMBERS = {
  __proto__: null, runjson: "RJ102", bytes: "RJ120", sha256: "RJ120", step: "RJ114", steps: "RJ114", time: "RJ114", times: "RJ114",
};

/** The first fault of a record's shape, { code, at }, or undefined. */
export const faultOfRecord = (record) => fault(isRecord, record);
/** The same for any value. */
export const faultOfValue = (value) => fault(isValue, value);

function fault(validate, data) {
  if (validate(plain(data))) return undefined;
  const [error] = validate.errors;
  const at = error.instancePath.split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (error.propertyName !== undefined) at.push(error.propertyName);
  const member = at.at(-1);
  const code = error.parentSchema["x-code"] ?? CODES_OF_MEMBERS[member] ?? "RJ106";
  // A finding stands at the whole tagged value, at the histogram, and at the file of two contents.
  if (code === "RJ116" && member?.startsWith("$")) at.pop();
  if (code === "RJ122") {
    const column = Math.max(at.lastIndexOf("edges"), at.lastIndexOf("counts"));
    if (column >= 2) at.length = column;
  }
  const twoContents = error.parentSchema["x-name"] === "nothing" && ["data", "uri"].includes(member) && typeof error.data === "string";
  if (twoContents || error.parentSchema["x-name"] === "given") return { code: "RJ118", at: at.slice(0, -1) };
  if (at.join("/") === "parent/id" && isNothing(error.data)) return { code: "RJ110", at: ["parent"] };
  const given = at.reduce((value, name) => value?.[name], data);
  if (typeof given === "bigint" && !Number.isFinite(Number(given))) return { code: "RJ006", at };
  return { code, at };
}

// ajv knows no BigInt: what it gets are doubles.
function plain(value) {
  if (typeof value === "bigint") return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(value)));
  if (typeof value !== "object" || value === null || !holdsBigInt(value)) return value;
  const copy = Array.isArray(value) ? [] : bare();
  for (const [name, inner] of Object.entries(value)) copy[name] = plain(inner);
  return copy;
}

function holdsBigInt(value) {
  return typeof value === "bigint" || (typeof value === "object" && value !== null && Object.values(value).some(holdsBigInt));
}
