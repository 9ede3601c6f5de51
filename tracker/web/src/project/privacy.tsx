import { useSignal } from "@preact/signals";
import { post } from "../api/client";
import { Confirm } from "../app/confirm";
import { tell } from "../app/notices";
import { Icon } from "../design/icons";

interface Props {
  project: string;
  isPublic: boolean;
  isOwner: boolean;
  changed: () => void;
}

/** Who may read a project: its members alone, or everybody. */
export function Privacy({ project, isPublic, isOwner, changed }: Props) {
  const isAsking = useSignal(false);

  async function set(wanted: boolean): Promise<void> {
    await post("/api/v1/projects/public", { project, public: wanted });
    tell(wanted ? `${project} is public now.` : `${project} is private now.`);
    changed();
  }

  return (
    <section class="section" aria-label="Privacy">
      <div class="section-head">
        <div>
          <h2>{isPublic ? "Public" : "Private"}</h2>
          <p class="hint">
            {isPublic
              ? "Everybody who reaches this server reads its runs and their files, also without signing in, unless the server is for members only. Members alone change something."
              : "Its members and the admins of this server alone read its runs. Others are told that there is no such project."}
          </p>
        </div>
        {isOwner && (
          <button class="button" onClick={() => (isAsking.value = true)}>
            <Icon name={isPublic ? "lock" : "globe"} /> {isPublic ? "Make it private" : "Make it public"}
          </button>
        )}
      </div>
      {isAsking.value && (
        <Confirm
          title={isPublic ? "Make it private?" : "Make it public?"}
          label={isPublic ? "Make it private" : "Make it public"}
          does={() => set(!isPublic)}
          onClose={() => (isAsking.value = false)}
        >
          {isPublic ? (
            <p>
              Only members read <strong>{project}</strong> then. Links to shared runs go on working.
            </p>
          ) : (
            <p>
              Whoever reaches this server reads all runs of <strong>{project}</strong> then, with their code, logs and
              files, those that come later too. What somebody copied meanwhile stays theirs when you make it private
              again.
            </p>
          )}
        </Confirm>
      )}
    </section>
  );
}
