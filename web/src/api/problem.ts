import type { Problem } from "./shapes";

const PREFIX = "urn:filodiretto:problem:";

/** The daemon answered that it will not: `slug` is stable, `detail` says cause and remedy. */
export class ApiProblem extends Error {
  readonly slug: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: NonNullable<Problem["errors"]>;
  /** Seconds after which to try again; null if it does not say. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null) {
    super(problem.title);
    this.name = "ApiProblem";
    this.slug = problem.type.startsWith(PREFIX) ? problem.type.slice(PREFIX.length) : problem.type;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** The daemon did not answer in time, or cannot be reached: nothing is known about what was asked. */
export class Unreachable extends Error {
  constructor() {
    super("The daemon does not answer.");
    this.name = "Unreachable";
  }
}
