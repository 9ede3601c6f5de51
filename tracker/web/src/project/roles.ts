import type { Role } from "../api/schema";

/** The roles of members, from the least. */
export const ROLES: readonly Role[] = ["viewer", "contributor", "owner"];

/** What each may do, in words. */
export const MAY: Readonly<Record<Role, string>> = {
  viewer: "reads its runs",
  contributor: "also tracks and edits runs, and shares links",
  owner: "also says who is a member",
};

/** The role that a text names; the least one for any other. */
export function roleOf(text: string): Role {
  return ROLES.find((one) => one === text) ?? "viewer";
}

const DAY = 86_400;

/** How long an invitation or a link may stand, in seconds; no number is for good. */
export const WEEK = 7 * DAY;
export const LASTING: readonly { seconds: number | null; says: string }[] = [
  { seconds: DAY, says: "1 day" },
  { seconds: WEEK, says: "7 days" },
  { seconds: 30 * DAY, says: "30 days" },
  { seconds: 90 * DAY, says: "90 days" },
  { seconds: 365 * DAY, says: "1 year" },
  { seconds: null, says: "until it is ended" },
];

/** The choice that a form has; empty is for good. */
export function secondsOf(text: string): number | null {
  return text === "" ? null : Number(text);
}
