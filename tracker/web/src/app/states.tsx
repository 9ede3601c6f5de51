import type { ComponentChildren } from "preact";
import { Problem } from "../api/problem";
import { Icon, type IconName } from "../design/icons";

interface EmptyProps {
  icon?: IconName;
  title: string;
  /** Whether it is all of the page. */
  isPage?: boolean;
  children?: ComponentChildren;
}

/** What stands where there is nothing to show: why, and what to do. */
export function Empty({ icon = "curve", title, isPage = false, children }: EmptyProps) {
  return (
    <section class="state">
      <span class="state-icon">
        <Icon name={icon} size={28} />
      </span>
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </section>
  );
}

/** What stands where something could not be loaded. */
export function Failed({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div role="alert">
      <Empty icon="warning" title="This could not be shown">
        <p>{problem.message}</p>
        {problem.hint && <p>{problem.hint}</p>}
        {again && (
          <button class="button" onClick={again}>
            Try again
          </button>
        )}
      </Empty>
    </div>
  );
}

/** What stands while something is on its way. */
export function Waiting({ what }: { what: string }) {
  return (
    <p class="waiting" role="status">
      Loading {what} …
    </p>
  );
}

/** A command that can be copied. */
export function Command({ children }: { children: string }) {
  return (
    <div class="command">
      <code tabIndex={0}>{children}</code>
      <button
        class="icon-button"
        aria-label="Copy the command"
        onClick={() => void navigator.clipboard.writeText(children)}
      >
        <Icon name="copy" />
      </button>
    </div>
  );
}
