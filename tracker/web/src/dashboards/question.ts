import { address, go, href } from "../app/router";
import { MOST_RUNS, type Arrangement } from "./arrangement";

/** Which runs a dashboard is about. */
export type Question = Pick<Arrangement, "where" | "sort" | "by" | "most">;

/** What the address says of it comes before what was saved, so that whoever looks may ask for other runs. */
export function questionOf(query: URLSearchParams, saved: Arrangement): Question {
  const most = Number(query.get("most"));
  return {
    where: query.get("where") ?? saved.where,
    sort: query.has("sort") ? query.getAll("sort").filter(Boolean) : saved.sort,
    by: query.has("by") ? query.getAll("by").filter(Boolean) : saved.by,
    most: Number.isInteger(most) && most >= 1 && most <= MOST_RUNS ? most : saved.most,
  };
}

/** Whether the address asks for other runs than were saved. */
export function isOther(query: URLSearchParams, saved: Arrangement): boolean {
  const { where, sort, by, most } = saved;
  return JSON.stringify(questionOf(query, saved)) !== JSON.stringify({ where, sort, by, most });
}

/** Ask for other runs in the address; what is as it was saved does not stand there. */
export function changeQuestion(saved: Arrangement, part: Partial<Question>): void {
  const now = { ...questionOf(address.value.query, saved), ...part };
  const query = withoutQuestion(address.value.query);
  // A group that is shown alone is none of other groups.
  if (part.by) query.delete("hide");
  if (now.where !== saved.where) query.set("where", now.where);
  if (now.most !== saved.most) query.set("most", String(now.most));
  put(query, "by", now.by, saved.by);
  put(query, "sort", now.sort, saved.sort);
  go(href("/dashboard", query));
}

/** Ask for the runs that were saved. */
export function resetQuestion(): void {
  go(href("/dashboard", withoutQuestion(address.value.query)), { replace: true });
}

function withoutQuestion(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => !["where", "sort", "by", "most"].includes(name)));
}

function put(query: URLSearchParams, name: string, now: readonly string[], saved: readonly string[]): void {
  if (now.join("\n") === saved.join("\n")) return;
  for (const one of now.length > 0 ? now : [""]) query.append(name, one);
}
