import type { ComponentChildren } from "preact";
import { SidebarButton } from "./sidebar";
import "./top.css";

interface TopProps {
  title: string;
  /** The project that it is about, where the title does not say it. */
  of?: string | null;
  /** What stands behind the title, in its line. */
  children?: ComponentChildren;
  /** What stands below this line, and stays in sight like it. */
  below?: ComponentChildren;
}

/** The line on top of a page: the way to the projects, what is shown, and what can be done with it. */
export function Top({ title, of = null, children, below }: TopProps) {
  return (
    <header class="top">
      <div class="top-line">
        <SidebarButton />
        <h1 title={title}>
          <bdi>{title}</bdi>
        </h1>
        {of !== null && (
          <span class="of">
            <bdi>{of}</bdi>
          </span>
        )}
        {children}
      </div>
      {below}
    </header>
  );
}
