import type { Problem } from "../../api/problem";

/** Why a panel shows nothing, in itself: the others go on. */
export function PanelProblem({ problem, again }: { problem: Problem; again: () => void }) {
  return (
    <div class="board-says" role="alert">
      <p>
        {problem.message} {problem.hint}
      </p>
      <button class="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** What stands in a panel that has nothing to show. */
export function Nothing({ children }: { children: string }) {
  return <p class="board-says">{children}</p>;
}
