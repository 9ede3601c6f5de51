import { post } from "../api/client";
import { loadSession } from "../api/session";
import { Field, Form } from "../app/form";
import { passwordFault } from "../app/names";
import { tell } from "../app/notices";
import { go, href } from "../app/router";

/** Gives whoever is signed in another password, by which all of their sessions end. */
export function Password({ person }: { person: string }) {
  return (
    <section class="section" aria-label="Password">
      <div class="section-head">
        <div>
          <h2>Password</h2>
          <p class="hint">
            With another one you are signed out everywhere, here too, and sign in again. Tokens go on working.
          </p>
        </div>
      </div>
      <div class="form is-narrow">
        <Form
          label="Change the password"
          at="old"
          check={(given) => ({
            old: given("old") === "" ? "Give the password that you have now." : "",
            password: passwordFault(given("password")),
            again: given("again") === given("password") ? "" : "This is not the same as above.",
          })}
          send={async (given) => {
            await post("/api/v1/people/password", { name: person, old: given("old"), password: given("password") });
            await loadSession();
            tell("The password is another one now: sign in with it.");
            go(href("/sign-in", { next: "/account" }));
          }}
        >
          <input hidden readOnly name="username" autocomplete="username" value={person} />
          <Field name="old" label="The password so far">
            {(has) => <input {...has} type="password" autocomplete="current-password" />}
          </Field>
          <Field name="password" label="The new password" hint="At least 8 characters; a few words are good.">
            {(has) => <input {...has} type="password" autocomplete="new-password" />}
          </Field>
          <Field name="again" label="The new password again">
            {(has) => <input {...has} type="password" autocomplete="new-password" />}
          </Field>
        </Form>
      </div>
    </section>
  );
}
