// Compiles the JSON Schema into compiled.cjs, once and for all: `npm ci` runs this, so that no reader waits for it.

import { readFileSync, writeFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";

const schema = JSON.parse(readFileSync(new URL("../../../schema/v1/record.schema.json", import.meta.url), "utf8"));
const MAPS = ["$defs", "properties", "patternProperties", "dependentSchemas"];
const DATA = ["const", "default", "enum", "examples"];

// The schema says the code of a finding as "x-code", which holds for what is inside of it: each part gets its own.
function inherit(part, code) {
  if (Array.isArray(part)) for (const one of part) inherit(one, code);
  if (typeof part !== "object" || part === null || Array.isArray(part)) return;
  const own = part["x-code"] ?? code;
  if (own !== undefined) part["x-code"] = own;
  for (const [name, inner] of Object.entries(part)) {
    if (MAPS.includes(name)) for (const one of Object.values(inner)) inherit(one, own);
    else if (!DATA.includes(name)) inherit(inner, own);
  }
}

inherit(schema, undefined);
for (const [name, part] of Object.entries(schema.$defs)) part["x-name"] = name;
// With "verbose" each error has the part of the schema that it comes from.
const ajv = new Ajv({ strict: false, verbose: true, code: { source: true } });
ajv.addSchema(schema);
const code = standaloneCode.default(ajv, { isRecord: schema.$id, isValue: `${schema.$id}#/$defs/value` });
writeFileSync(new URL("compiled.cjs", import.meta.url), code);
