import { isAlone, session } from "../api/session";
import { href } from "../app/router";
import { Empty } from "../app/states";
import { Top } from "../app/top";
import { Password } from "./password";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";
import "../design/pages.css";

/** Who is signed in: the tokens of their programs, their password, and where they are signed in. */
export default function AccountPage() {
  const who = session.value;
  if (!who?.person) {
    return (
      <>
        <Top title="Account" />
        {isAlone.value ? (
          <Empty icon="person" title="Nobody has an account here">
            <p>
              <code>runjson ui</code> shows this tracker to you alone. With <code>runjson serve</code> people have names
              and passwords, and programs have tokens.
            </p>
          </Empty>
        ) : (
          <Empty icon="person" title="Nobody is signed in">
            <a class="button" href={href("/sign-in", { next: "/account" })}>
              Sign in
            </a>
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <Top title={who.person}>{who.admin && <span class="badge is-good">admin</span>}</Top>
      <div class="page">
        <Tokens person={who.person} />
        {who.csrf === null ? (
          <section class="section">
            <h2>Signing in</h2>
            <p class="hint">
              A proxy before this server says who you are: your password is changed, and your session ends, where you
              signed in.
            </p>
          </section>
        ) : (
          <Password person={who.person} />
        )}
        {who.csrf !== null && <Sessions />}
      </div>
    </>
  );
}
