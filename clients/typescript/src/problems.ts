import type { components } from "./schema.d.ts";

/** A refusal as the API describes it (RFC 9457), with whatever data lets a client go on. */
export type Problem = components["schemas"]["Problem"] & { [name: string]: unknown };

/** A request that the shop refused. `problem.code` is stable; texts are for people and change. */
export class Refused extends Error {
  readonly problem: Problem;
  /** Seconds after which trying again helps; null where it does not. */
  readonly retryAfter: number | null;
  readonly requestId: string | null;

  constructor(problem: Problem, response: Response) {
    super(`${problem.status} ${problem.code}`);
    this.name = "Refused";
    this.problem = problem;
    this.retryAfter = Number(response.headers.get("Retry-After")) || null;
    this.requestId = response.headers.get("X-Request-ID");
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Nothing was answered: no network, or the shop is away. Whether the request arrived is not known. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The shop could not be reached", { cause });
    this.name = "Unreachable";
  }
}

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return what was answered. Throws Refused for a refusal, and Unreachable where no shop answered. */
export async function answered<Data>(asked: Promise<Answered<Data>>): Promise<NonNullable<Data>> {
  let answer: Answered<Data>;
  try {
    answer = await asked;
  } catch (problem) {
    if (problem instanceof Refused || (problem instanceof Error && problem.name === "AbortError")) throw problem;
    throw new Unreachable(problem);
  }
  if (answer.response.ok) return answer.data as NonNullable<Data>;
  if (!isProblem(answer.error)) throw new Unreachable(answer.response.status); // a proxy's page, not the shop's
  throw new Refused(answer.error, answer.response);
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "status" in error;
}
