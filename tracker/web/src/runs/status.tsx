import { Icon, type IconName } from "../design/icons";

const STATUSES: Record<string, { icon: IconName; says: string }> = {
  running: { icon: "ring", says: "It says that it runs, and was heard of not long ago" },
  succeeded: { icon: "check", says: "It ended as it should" },
  failed: { icon: "close", says: "It ended with an error" },
  crashed: { icon: "bolt", says: "It says that it runs, but nothing was heard of it for long" },
  aborted: { icon: "stop", says: "Somebody ended it" },
};

/** How it stands with a run: in a word, a shape and a colour. */
export function Status({ status }: { status: string | null }) {
  const known = status === null ? undefined : STATUSES[status];
  if (!known) return <>{status ?? ""}</>;
  return (
    <span class={`status is-${status}`} title={known.says}>
      <Icon name={known.icon} size={13} />
      {status}
    </span>
  );
}
