/** What keeps texts from being names, as the server says it, so that it is told while somebody types. */

const MOST_BYTES = 1024;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** What keeps a text from being the name of a project (SPEC 5.4); empty if it is one. */
export function projectFault(name: string): string {
  if (name === "") return "Give it a name.";
  if (/\p{Cs}/u.test(name)) return "The name holds half of a character.";
  if (new TextEncoder().encode(name).length > MOST_BYTES) return "The name is longer than 1024 bytes of UTF-8.";
  if (CONTROL.test(name)) return "The name holds a control character.";
  const segments = name.split("/");
  if (segments.includes("")) return "The name has an empty part between, before or behind its slashes.";
  const dots = segments.find((one) => one === "." || one === "..");
  return dots === undefined ? "" : `The name has the part “${dots}”.`;
}

/** What keeps a text from being the name of somebody; empty if it is one. */
export function personFault(name: string): string {
  if (name === "") return "Give a name.";
  if (name.length > 128) return "A name has 128 characters at most.";
  return /^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(name)
    ? ""
    : "A name has letters, digits and . _ - @, and begins with a letter or a digit.";
}

/** What keeps a text from being a password; empty if it is one. */
export function passwordFault(password: string): string {
  if ([...password].length < 8)
    return "A password has at least 8 characters: three or four words are easily remembered.";
  return new TextEncoder().encode(password).length > MOST_BYTES ? "A password has at most 1024 bytes of UTF-8." : "";
}
