// The fold of records into one (section 8).

import { Fault } from "./fault.js";
import { IDENTITY, POINTS, VALUES } from "./record.js";
import { bare, equal, isEmpty, isObject } from "./values.js";

export class Fold {
  constructor() {
    this.said = bare(); // members of which the last one counts, and the identity
    this.named = bare(); // member → name → the last value
    for (const member of [...VALUES, "artifacts", "parameters"]) this.named[member] = bare();
    this.points = bare(); // kind → name → columns
    for (const kind of POINTS) this.points[kind] = bare();
    this.tags = new Map(); // tag → whether it is set
  }

  /** Adds a record that RecordReader has read; `line` is where it stands. */
  add(record, line) {
    for (const tag of record.untags ?? []) this.tags.set(tag, false);
    for (const tag of record.tags ?? []) this.tags.set(tag, true);
    for (const [member, value] of Object.entries(record)) {
      if (member === "tags" || member === "untags") continue;
      if (member === "parameters") merge(this.named.parameters, value, ["parameters"], line);
      else if (member in this.named) Object.assign(this.named[member], value);
      else if (member in this.points) for (const name of Object.keys(value)) append(this.points[member], name, value[name]);
      else if (!IDENTITY.includes(member) || !(member in this.said)) this.said[member] = value;
    }
  }

  /** The fold, in the canonical spelling of section 10. `minor` is the greatest that was said. */
  result(minor) {
    const fold = Object.assign(bare(), this.said, { runjson: `1.${minor}` });
    for (const [member, wanted] of [["tags", true], ["untags", false]]) {
      const tags = [...this.tags.keys()].filter((tag) => this.tags.get(tag) === wanted).sort();
      if (tags.length > 0) fold[member] = tags;
    }
    for (const [member, entries] of Object.entries(this.named)) if (!isEmpty(entries)) fold[member] = entries;
    for (const [kind, columns] of Object.entries(this.points)) {
      const kept = bare();
      for (const [name, { values, steps, times, members }] of Object.entries(columns)) {
        if (values.length === 0 && isEmpty(members)) continue;
        kept[name] = Object.assign(bare(), members, { values });
        if (steps.some((step) => step !== null)) kept[name].steps = steps;
        if (times.some((time) => time !== null)) kept[name].times = times;
      }
      if (!isEmpty(kept)) fold[kind] = kept;
    }
    return fold;
  }
}

function append(kind, name, more) {
  if (!(name in kind)) {
    kind[name] = more;
    return;
  }
  for (const column of ["values", "steps", "times"]) for (const entry of more[column]) kind[name][column].push(entry);
  Object.assign(kind[name].members, more.members);
}

// Parameters are written once; objects in them are namespaces.
function merge(into, from, at, line) {
  for (const [name, value] of Object.entries(from)) {
    const here = [...at, name];
    if (!(name in into)) into[name] = value;
    else if (isObject(into[name]) && isObject(value)) merge(into[name], value, here, line);
    else if (isObject(into[name]) || isObject(value)) throw new Fault("RJ203", "a value and a namespace", line, here);
    else if (!equal(into[name], value)) throw new Fault("RJ202", "a parameter was given two values", line, here);
  }
}
