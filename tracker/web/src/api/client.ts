import { Problem, problemOf } from "./problem";
import type { paths } from "./schema";

type Method = "get" | "post" | "delete";
/** The addresses that answer to a method. */
type PathsOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : undefined;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;
type AnswerOf<O> = O extends { responses: { 200: { content: { "application/json": infer A } } } }
  ? A
  : O extends { responses: { 201: { content: { "application/json": infer A } } } }
    ? A
    : void;

/** Sent with each change, as the session says; null where nobody signed in. */
let csrf: string | null = null;
/** Sent in place of a session, as whoever opened the link of a share. */
let bearer: string | null = null;
/** Called when the server no longer knows who asks. */
let onSignedOut: () => void = () => undefined;

/** Have changes carry the token of a session. */
export function carry(token: string | null): void {
  csrf = token;
}

/** Ask with the secret of a share, or no longer. */
export function carryShare(secret: string | null): void {
  bearer = secret;
}

/** Be told when a request was refused because nobody is signed in. */
export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

/** Ask by GET. */
export async function get<P extends PathsOf<"get">>(
  path: P,
  query?: QueryOf<Operation<P, "get">>,
  signal?: AbortSignal,
): Promise<AnswerOf<Operation<P, "get">>> {
  const found = queryText(query as Record<string, unknown> | undefined);
  return (await send(found ? `${path}?${found}` : path, { method: "GET", signal })) as AnswerOf<Operation<P, "get">>;
}

/** Ask, or change something, by POST. */
export async function post<P extends PathsOf<"post">>(
  path: P,
  body: BodyOf<Operation<P, "post">>,
  signal?: AbortSignal,
): Promise<AnswerOf<Operation<P, "post">>> {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", signal, headers, body: JSON.stringify(body) };
  return (await send(path, init)) as AnswerOf<Operation<P, "post">>;
}

/** Remove something. */
export async function remove<P extends PathsOf<"delete">>(path: P): Promise<void> {
  await send(path, { method: "DELETE" });
}

/** The address of a GET, for links and images. */
export function addressOf<P extends PathsOf<"get">>(path: P, query: QueryOf<Operation<P, "get">>): string {
  return `${path}?${queryText(query as Record<string, unknown>)}`;
}

/** Aborts a request that is out of date as soon as the next one of its kind begins. */
export class Latest {
  #controller = new AbortController();

  next(): AbortSignal {
    this.#controller.abort();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  stop(): void {
    this.#controller.abort();
  }
}

/** Whether a request ended because nobody waits for its answer any more. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

async function send(address: string, init: RequestInit): Promise<unknown> {
  const headers = new Headers(init.headers);
  if (csrf !== null && init.method !== "GET") headers.set("X-CSRF-Token", csrf);
  if (bearer !== null) headers.set("Authorization", `Bearer ${bearer}`);
  let answer: Response;
  try {
    answer = await fetch(address, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new Problem(0, "The server does not answer. Is it still running? What you see may be out of date.");
  }
  if (!answer.ok) {
    const problem = await problemOf(answer);
    if (problem.status === 401) onSignedOut();
    throw problem;
  }
  return answer.status === 204 ? undefined : answer.json();
}

function queryText(query: Record<string, unknown> | undefined): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) found.append(name, String(one));
  }
  return found.toString();
}
