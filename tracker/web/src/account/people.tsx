import { useSignal } from "@preact/signals";
import { get, post } from "../api/client";
import type { Person } from "../api/schema";
import { isAlone, session } from "../api/session";
import { useAsked } from "../app/asked";
import { Confirm } from "../app/confirm";
import { tell } from "../app/notices";
import { address, go, href } from "../app/router";
import { Empty, Failed, Waiting } from "../app/states";
import { Top } from "../app/top";
import { Icon } from "../design/icons";
import { exactCount } from "../design/numbers";
import { briefTime, exactTime } from "../design/times";
import { Invitations } from "../project/invitations";
import { AddPerson, GivePassword, InvitePerson } from "./newperson";
import "../design/pages.css";

/** Who may sign in, for admins. */
export default function PeoplePage() {
  if (isAlone.value || !session.value?.admin) {
    return (
      <>
        <Top title="People" />
        <Empty icon="people" title={isAlone.value ? "Nobody has an account here" : "This is for admins"}>
          <p>
            {isAlone.value
              ? "This tracker is served to you alone. With runjson serve others have names and passwords."
              : "An admin of this server says who has an account. Owners of a project invite people on its page."}
          </p>
        </Empty>
      </>
    );
  }
  return <People />;
}

type Doing = { what: "add" | "invite" } | { what: "disable" | "password"; name: string } | null;

function People() {
  const asked = useAsked(async (signal) => (await get("/api/v1/people", undefined, signal)).people, []);
  const doing = useSignal<Doing>(null);
  const invited = useSignal(0);
  const wanted = address.value.query.get("name") ?? "";
  const all = asked.value ?? [];
  const shown = all.filter((one) => one.name.toLowerCase().includes(wanted.toLowerCase()));

  async function takeBack(name: string): Promise<void> {
    await post("/api/v1/people/enable", { name });
    tell(`${name} may sign in again.`);
    await asked.again();
  }
  function close(): void {
    doing.value = null;
  }
  async function changed(): Promise<void> {
    await asked.again();
  }

  return (
    <>
      <Top title="People">
        {asked.value && <span class="count">{exactCount(all.length)}</span>}
        <span class="spring" />
        <button class="button" onClick={() => (doing.value = { what: "invite" })}>
          <Icon name="link" /> Invite
        </button>
        <button class="button" onClick={() => (doing.value = { what: "add" })}>
          <Icon name="plus" /> Add
        </button>
      </Top>
      {asked.problem && <Failed problem={asked.problem} again={() => void asked.again()} />}
      {!asked.problem && asked.value === null && <Waiting what="the people" />}
      {asked.value && (
        <div class="page">
          <section class="section" aria-label="People">
            <div class="toolbar">
              <label class="field is-search">
                <Icon name="search" />
                <span class="unseen">Filter by name</span>
                <input
                  type="search"
                  placeholder="Name"
                  value={wanted}
                  onInput={(event) =>
                    go(href("/people", { name: event.currentTarget.value || null }), { replace: true })
                  }
                />
              </label>
            </div>
            {shown.length === 0 && <p class="nothing">Nobody is called so.</p>}
            {shown.length > 0 && (
              <div class="list-box" tabIndex={0} role="group" aria-label="The people">
                <table class="list">
                  <thead>
                    <tr>
                      <th>Name</th>
                      <th>Since</th>
                      <th>
                        <span class="unseen">What can be done</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {shown.map((one) => (
                      <OnePerson
                        key={one.name}
                        person={one}
                        disable={() => (doing.value = { what: "disable", name: one.name })}
                        give={() => (doing.value = { what: "password", name: one.name })}
                        takeBack={() => void takeBack(one.name)}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </section>
          <section class="section" aria-label="Invitations">
            <div class="section-head">
              <div>
                <h2>Invitations</h2>
                <p class="hint">Links that nobody used yet, to this server and to its projects.</p>
              </div>
            </div>
            <Invitations project={null} newest={invited.value} />
          </section>
        </div>
      )}
      {doing.value?.what === "add" && <AddPerson onClose={close} changed={changed} />}
      {doing.value?.what === "invite" && <InvitePerson onClose={close} changed={() => (invited.value += 1)} />}
      {doing.value?.what === "password" && <GivePassword name={doing.value.name} onClose={close} />}
      {doing.value?.what === "disable" && <Disable name={doing.value.name} onClose={close} changed={changed} />}
    </>
  );
}

interface OneProps {
  person: Person;
  disable: () => void;
  give: () => void;
  takeBack: () => void;
}

function OnePerson({ person, disable, give, takeBack }: OneProps) {
  const isYou = person.name === session.value?.person;
  return (
    <tr class={person.disabled === null ? "" : "is-over"}>
      <td class="is-name">
        <bdi>{person.name}</bdi> {person.admin && <span class="badge is-good">admin</span>}{" "}
        {isYou && <span class="badge">you</span>}{" "}
        {person.disabled !== null && (
          <span class="badge" title={exactTime(person.disabled)}>
            disabled since {briefTime(person.disabled)}
          </span>
        )}
        {person.subject !== null && (
          <span class="hint">
            signs in elsewhere as <bdi>{person.subject}</bdi>
          </span>
        )}
      </td>
      <td class="is-short" title={exactTime(person.created)}>
        {briefTime(person.created)}
      </td>
      <td class="is-end">
        {!isYou && person.disabled === null && (
          <>
            <button class="button is-quiet" onClick={give}>
              New password<span class="unseen"> for {person.name}</span>
            </button>
            <button class="button is-quiet" onClick={disable}>
              Disable<span class="unseen"> {person.name}</span>
            </button>
          </>
        )}
        {isYou && (
          <a class="button is-quiet" href="/account">
            Your account
          </a>
        )}
        {person.disabled !== null && (
          <button class="button is-quiet" onClick={takeBack}>
            Take back<span class="unseen"> {person.name}</span>
          </button>
        )}
      </td>
    </tr>
  );
}

function Disable({ name, onClose, changed }: { name: string; onClose: () => void; changed: () => Promise<void> }) {
  return (
    <Confirm
      title={`Disable ${name}?`}
      label="Disable"
      does={async () => {
        await post("/api/v1/people/disable", { name });
        await changed();
      }}
      onClose={onClose}
    >
      <p>
        <strong>{name}</strong> is signed out at once, and their tokens stop. What they tracked stays, and they can be
        taken back.
      </p>
    </Confirm>
  );
}
