import { computed, signal } from "@preact/signals";
import { reconnect } from "./changes";
import { carry, carryShare, get, post, remove, whenSignedOut } from "./client";
import { asProblem, Problem } from "./problem";
import type { Session } from "./schema";

/** Who asks; null until the server has said it. */
export const session = signal<Session | null>(null);

/** Whether this tracker is served to one person alone, who has no account. */
export const isAlone = computed(() => session.value?.admin === true && session.value.person === null);

/** Whether nothing may be read before somebody signs in. */
export const mustSignIn = computed(() => session.value !== null && !session.value.reads);

/** What was shared with whoever looks; null for who is here by themselves. */
export const share = computed(() => session.value?.share ?? null);

/** Whether the link of a share was opened that shows nothing any more. */
export const isShareEnded = signal(false);

// A share is of this tab alone: who signed in beside it stays who they are.
const SHARE = "runjson.share";

/** Begin: with what stands behind the # of a share's link, or as this tab was before it was loaded again. */
export async function beginSession(): Promise<void> {
  const given = location.pathname === "/share" ? location.hash.slice(1) : "";
  if (given) sessionStorage.setItem(SHARE, given);
  const secret = given || sessionStorage.getItem(SHARE);
  isShareEnded.value = false;
  carryShare(secret);
  try {
    await loadSession();
  } catch (error) {
    if (!secret || !(error instanceof Problem) || error.status !== 401) throw error;
    endShare();
    await loadSession();
  }
  reconnect();
}

/** Look at shared runs no longer. */
export async function leaveShare(): Promise<void> {
  sessionStorage.removeItem(SHARE);
  try {
    // With the secret: the browser forgets it, and nobody's session ends.
    await remove("/api/v1/session");
  } catch (error) {
    if (asProblem(error).status !== 401) throw error; // it ended meanwhile
  }
  isShareEnded.value = false;
  carryShare(null);
  await loadSession();
  reconnect();
}

function endShare(): void {
  sessionStorage.removeItem(SHARE);
  carryShare(null);
  isShareEnded.value = true;
}

/** Ask the server who asks. */
export async function loadSession(): Promise<void> {
  keep(await get("/api/v1/session"));
}

/** Sign in; a wrong name or password is a Problem. */
export async function signIn(name: string, password: string): Promise<void> {
  keep(await post("/api/v1/session", { name, password }));
}

/** Sign out. */
export async function signOut(): Promise<void> {
  await remove("/api/v1/session");
  await loadSession();
}

function keep(found: Session): void {
  carry(found.csrf);
  session.value = found;
}

// A session that ended elsewhere shows in the first request that is refused.
whenSignedOut(() => {
  if (session.value?.share) {
    endShare();
    void loadSession();
  } else if (session.value?.person) void loadSession();
});
