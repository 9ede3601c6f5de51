/**
 * JSON over several lines. Only white space is added, so that each number keeps its digits; a part that breaks off
 * anywhere is fine. Arrays of numbers stay on one line.
 */
export function indented(text: string): string {
  const parts: string[] = [];
  const inside: ("{" | "[" | "list")[] = [];
  const line = (): string => `\n${"  ".repeat(inside.length)}`;
  const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g;
  for (const [token] of text.matchAll(TOKEN)) {
    const around = inside[inside.length - 1];
    if (token === "{") {
      if (around === "list") {
        inside[inside.length - 1] = "[";
        parts.push(line());
      }
      inside.push("{");
      parts.push(token, line());
    } else if (token === "[") {
      if (around === "list") {
        inside[inside.length - 1] = "[";
        parts.push(line());
      }
      inside.push("list");
      parts.push(token);
    } else if (token === "}" || token === "]") {
      inside.pop();
      if (around !== "list") {
        // Nothing stands in it: no line of its own.
        if (parts[parts.length - 2] === "{") parts.pop();
        else parts.push(line());
      }
      parts.push(token);
    } else if (token === ",") parts.push(token, around === "list" ? " " : line());
    else parts.push(token === ":" ? ": " : token);
  }
  return parts.join("");
}
