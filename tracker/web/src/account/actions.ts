/** What the log calls that which was done, in words. */
const SAYS: Readonly<Record<string, string>> = {
  "person.add": "added somebody",
  "person.invite": "made an invitation",
  "person.accept": "came in by an invitation",
  "person.disable": "disabled somebody",
  "person.enable": "took somebody back",
  "person.password": "changed a password",
  "session.begin": "signed in",
  "sign-in.fail": "gave a wrong password",
  "session.end": "signed out",
  "session.revoke": "ended a session elsewhere",
  "invitation.withdraw": "withdrew an invitation",
  "token.make": "made a token",
  "token.revoke": "revoked a token",
  "project.make": "made the project",
  "project.public": "made the project public",
  "project.private": "made the project private",
  "member.set": "gave a role",
  "member.remove": "removed a member",
  "member.accept": "became a member by an invitation",
  "share.make": "made a share link",
  "share.withdraw": "ended a share link",
  edit: "edited a run",
  replace: "replaced a source of a run",
  trash: "put a run in the trash",
  restore: "took a run out of the trash",
};

/** What these pages know that the log has. */
export const ACTIONS: readonly string[] = Object.keys(SAYS);

/** What was done, in words; what these pages do not know yet, as it is called. */
export function saysOf(action: string): string {
  return SAYS[action] ?? action;
}

/** What else the log says of it, in a line. */
export function detailOf(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "" && value !== false)
    .map(([name, value]) => `${name} ${shown(name, value)}`)
    .join(" · ");
}

function shown(name: string, value: unknown): string {
  if (name === "expires" && typeof value === "number") return new Date(value * 1000).toLocaleString();
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (value === true) return "yes";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
