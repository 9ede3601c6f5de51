/** An error of the run file. `at` is the list of names and indices that leads to it; a fault of the text has none. */
export class Fault extends Error {
  constructor(code, message, line, at) {
    super(message);
    Object.assign(this, { code, line, at });
  }
}

/** A JSON pointer (RFC 6901). */
export function pointer(at) {
  return at.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
