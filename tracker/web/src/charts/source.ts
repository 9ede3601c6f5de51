import type { Curve, Points, Range, X } from "./curve";

/** Which curves are wanted. */
export interface Asked {
  /** As `keyText` writes them. */
  runs: readonly string[];
  names: readonly string[];
  x: X;
  /** Of each curve at most so many points that show all of them. */
  points: number;
  /** Only what lies between these places, where they are looked at closely. */
  range: Range | null;
  /** The weight of what was before in averages of all values up to each point; 0 for none. */
  smoothing: number;
}

/** A series as runs say it. */
export interface SeriesName {
  name: string;
  unit: string | null;
  goal: "minimize" | "maximize" | null;
  description: string | null;
  /** The series that this one says it is drawn over. */
  x: string | null;
  /** The finite values of all these runs together; null if there are none. */
  least: number | null;
  greatest: number | null;
  /** Whether points have times. */
  isTimed: boolean;
  /** The runs that have it. */
  runs: readonly string[];
}

/** A run as its curves are named. */
export interface RunSaid {
  key: string;
  name: string;
  /** When it began, in seconds since 1970; null if nothing says it. */
  start: number | null;
  /** What it says, and what the server tells of it: its id, project, name and status. */
  record: Readonly<Record<string, unknown>>;
}

/** The only door to data: a server, or a report that holds its points. */
export interface SeriesSource {
  read(asked: Asked, signal: AbortSignal): Promise<Curve[]>;
  /** The series of runs, by name. Of runs that are not there nothing is said. */
  names(runs: readonly string[], signal: AbortSignal): Promise<SeriesName[]>;
  /** What the runs are called. Those that are not there are left out. */
  describe(runs: readonly string[], signal: AbortSignal): Promise<RunSaid[]>;
  /** All points, piece by piece, as a table has them. */
  all(asked: Pick<Asked, "runs" | "names">, signal: AbortSignal): AsyncIterable<Points & { start: number }>;
  /** Be told when runs got more points, until the function that is returned is called. */
  follow(runs: readonly string[], told: () => void): () => void;
}
