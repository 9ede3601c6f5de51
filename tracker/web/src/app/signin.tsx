import { useSignal } from "@preact/signals";
import { addressOf } from "../api/client";
import { asProblem } from "../api/problem";
import { session, signIn } from "../api/session";
import { Mark } from "../design/icons";
import { address, go } from "./router";

/** Where members of a team say who they are. */
export function SignIn() {
  const fault = useSignal("");
  const isBusy = useSignal(false);
  const next = local(
    address.value.query.get("next") ??
      (address.value.path === "/sign-in" ? "/runs" : location.pathname + location.search),
  );

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    isBusy.value = true;
    fault.value = "";
    try {
      await signIn(String(given.get("name")), String(given.get("password")));
      go(next, { replace: true });
    } catch (error) {
      fault.value = asProblem(error).message;
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <main class="alone">
      <form class="card sign-in" onSubmit={(event) => void submit(event)}>
        <Mark size={44} />
        <h1>Sign in to RunJSON</h1>
        {fault.value && (
          <p class="fault" role="alert">
            {fault.value}
          </p>
        )}
        <label class="field">
          <span>Name</span>
          <input name="name" autocomplete="username" required autofocus maxLength={128} />
        </label>
        <label class="field">
          <span>Password</span>
          <input name="password" type="password" autocomplete="current-password" required maxLength={1024} />
        </label>
        <button class="button is-first" disabled={isBusy.value}>
          Sign in
        </button>
        {session.value?.openid && (
          <a class="button" href={addressOf("/api/v1/openid/start", { next })}>
            Sign in with your organisation
          </a>
        )}
        {session.value?.reads && (
          <a class="hint" href="/runs">
            Look at what is public without signing in
          </a>
        )}
        <p class="hint">
          An admin of this server makes accounts: <code>runjson user add NAME</code>.
        </p>
      </form>
    </main>
  );
}

/** An address of ours: nobody is led away by a link that somebody sent them. */
function local(next: string): string {
  const found = URL.canParse(next, location.origin) ? new URL(next, location.origin) : null;
  return found && found.origin === location.origin && !next.startsWith("//") ? found.pathname + found.search : "/runs";
}
