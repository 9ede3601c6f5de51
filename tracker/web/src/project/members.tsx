import { useSignal } from "@preact/signals";
import { get, post } from "../api/client";
import { asProblem } from "../api/problem";
import type { Member, Role } from "../api/schema";
import { session } from "../api/session";
import { useAsked } from "../app/asked";
import { Confirm } from "../app/confirm";
import { Field, Form, Told } from "../app/form";
import { personFault } from "../app/names";
import { tell } from "../app/notices";
import { loadProjects } from "../app/projects";
import { Failed } from "../app/states";
import { Icon } from "../design/icons";
import { briefTime, exactTime } from "../design/times";
import { MAY, roleOf, ROLES } from "./roles";

/** The members of a project, and for owners what each may do. */
export function Members({ project, isOwner }: { project: string; isOwner: boolean }) {
  const asked = useAsked(
    async (signal) => (await get("/api/v1/projects/members", { project }, signal)).members,
    [project],
  );
  const fault = useSignal("");
  const leaving = useSignal<Member | null>(null);

  async function changed(): Promise<void> {
    await Promise.all([asked.again(), loadProjects()]);
  }
  async function setRole(person: string, role: Role): Promise<void> {
    fault.value = "";
    try {
      await post("/api/v1/projects/members", { project, person, role });
      tell(`${person} is ${role} now.`);
    } catch (error) {
      fault.value = asProblem(error).message;
    }
    await changed();
  }
  async function add(person: string, role: Role): Promise<void> {
    await post("/api/v1/projects/members", { project, person, role });
    tell(`${person} is ${role} now.`);
    await changed();
  }

  if (asked.problem) return <Failed problem={asked.problem} again={() => void asked.again()} />;
  return (
    <section class="section" aria-label="Members">
      <div class="section-head">
        <div>
          <h2>Members</h2>
          <p class="hint">
            A viewer {MAY.viewer}; a contributor {MAY.contributor}; an owner {MAY.owner}, and who may read it.
          </p>
        </div>
      </div>
      {fault.value && (
        <p class="fault" role="alert">
          <Told text={fault.value} />
        </p>
      )}
      {asked.value && asked.value.length === 0 && (
        <p class="nothing">It has no members: the admins of this server alone see it.</p>
      )}
      {asked.value && asked.value.length > 0 && (
        <div class="list-box" tabIndex={0} role="group" aria-label="The members">
          <table class="list">
            <thead>
              <tr>
                <th>Name</th>
                <th>Role</th>
                <th>Since</th>
                {isOwner && (
                  <th>
                    <span class="unseen">Remove</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {asked.value.map((one) => (
                <tr key={one.person}>
                  <td class="is-name">
                    <bdi>{one.person}</bdi> {one.person === session.value?.person && <span class="badge">you</span>}{" "}
                    {one.disabled && <span class="badge">disabled</span>}
                  </td>
                  <td>{isOwner ? <RoleOf member={one} set={setRole} /> : one.role}</td>
                  <td class="is-short" title={exactTime(one.added)}>
                    {briefTime(one.added)}
                  </td>
                  {isOwner && (
                    <td class="is-end">
                      <button
                        class="icon-button"
                        aria-label={`Remove ${one.person}`}
                        title="Remove"
                        onClick={() => (leaving.value = one)}
                      >
                        <Icon name="close" />
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isOwner && asked.value && <Add key={asked.value.length} add={add} members={asked.value} />}
      {leaving.value && (
        <Confirm
          title={`Remove ${leaving.value.person}?`}
          label="Remove"
          does={async () => {
            await post("/api/v1/projects/members/remove", { project, person: leaving.value?.person ?? "" });
            await changed();
          }}
          onClose={() => (leaving.value = null)}
        >
          <p>
            <strong>{leaving.value.person}</strong> is no member of {project} then. Runs that they tracked stay.
          </p>
        </Confirm>
      )}
    </section>
  );
}

function RoleOf({ member, set }: { member: Member; set: (person: string, role: Role) => Promise<void> }) {
  return (
    <select
      aria-label={`Role of ${member.person}`}
      value={member.role}
      onChange={(event) => {
        const wanted = roleOf(event.currentTarget.value);
        // What the server says stands here, until it says something else.
        event.currentTarget.value = member.role;
        void set(member.person, wanted);
      }}
    >
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {role}
        </option>
      ))}
    </select>
  );
}

interface AddProps {
  add: (person: string, role: Role) => Promise<void>;
  members: readonly Member[];
}

function Add({ add, members }: AddProps) {
  const people = useAsked(
    async (signal) => (session.value?.admin ? (await get("/api/v1/people", undefined, signal)).people : []),
    [],
  );
  const others = (people.value ?? []).filter((one) => !members.some((member) => member.person === one.name));
  return (
    <Form
      label="Add"
      at="person"
      isLine
      check={(given) => {
        const name = given("person").trim();
        const isThere = members.some((one) => one.person === name);
        return { person: personFault(name) || (isThere ? `${name} is a member already: change the role above.` : "") };
      }}
      send={(given) => add(given("person").trim(), roleOf(given("role")))}
    >
      <Field name="person" label="Add somebody">
        {(has) => <input {...has} autocomplete="off" list="people-here" spellcheck={false} />}
      </Field>
      <datalist id="people-here">
        {others.map((one) => (
          <option key={one.name} value={one.name} />
        ))}
      </datalist>
      <Field name="role" label="as">
        {(has) => (
          <select {...has}>
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        )}
      </Field>
    </Form>
  );
}
