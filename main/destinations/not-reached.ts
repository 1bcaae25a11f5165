import type { Problem } from '../../shared/errors.ts'

/** Why no connection came about, so that nothing was sent; `tryNext` where another way out may still lead there. */
export class NotReached extends Error {
  readonly problem: Problem
  readonly tryNext: boolean

  constructor(problem: Problem, tryNext: boolean) {
    super(problem.code)
    this.problem = problem
    this.tryNext = tryNext
  }
}
