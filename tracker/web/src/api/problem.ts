/** Why a request was not granted (RFC 9457); the message says what to do. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** What else to do, where the server has a hint. */
  get hint(): string {
    return typeof this.more["hint"] === "string" ? this.more["hint"] : "";
  }
}

/** What is wrong in the parts of what was sent, by the name of the part. */
export function faultsOf(problem: Problem): ReadonlyMap<string, string> {
  const { errors } = problem.more;
  const found = new Map<string, string>();
  for (const one of Array.isArray(errors) ? (errors as unknown[]) : []) {
    if (typeof one !== "object" || one === null || !("where" in one) || !("message" in one)) continue;
    found.set(String(one.where).split(".").at(-1) ?? "", String(one.message));
  }
  return found;
}

/** Where a question is wrong: places are of characters, as the server counts them. */
export interface Fault {
  query: string;
  start: number;
  end: number;
}

/** The place at fault in a question; null for other problems. */
export function faultOf(problem: Problem): Fault | null {
  const { query, start, end } = problem.more;
  if (typeof query !== "string" || typeof start !== "number" || typeof end !== "number") return null;
  return { query, start, end };
}

/** The problem that a response tells of. */
export async function problemOf(answer: Response): Promise<Problem> {
  const type = answer.headers.get("Content-Type") ?? "";
  if (type.includes("json")) {
    const told = (await answer.json()) as Record<string, unknown>;
    if (typeof told["detail"] === "string") return new Problem(answer.status, told["detail"], told);
  }
  return new Problem(answer.status, `The server answered ${answer.status} ${answer.statusText}. Try again.`);
}

/** What went wrong, as a problem; a fault of the pages themselves is thrown on. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
