// Who plans changes of many documents: set by the door of the package, since operations lie above the runtime.
import { GooseError } from '../errors.ts'
import type { BulkPlan } from '../models/bulk-plan.ts'
import type { Plan } from '../models/plan.ts'
import type { RuntimeModel } from './document.ts'

/** How a change of many documents is planned. */
export interface PlanningOptions {
  /** Means every document, where there is no filter. */
  readonly all?: boolean
  /** Takes each document through its hooks, which is slower. */
  readonly hooks?: boolean
  /** Removes documents also where their model only marks them. */
  readonly hard?: boolean
  /** Documents in a batch. */
  readonly batch?: number
  /** Refuses to plan for more documents. */
  readonly maxDocs?: number
}

/** Plans an update, or without one a delete, of what a query finds. */
export type Planner = (
  request: { readonly model: RuntimeModel; readonly query: Plan; readonly update?: unknown },
  options: PlanningOptions,
) => Promise<BulkPlan>

const KEY = Symbol.for('goose.planner')

/** Says who plans. */
export function setPlanner(planner: Planner): void {
  ;(globalThis as { [KEY]?: Planner })[KEY] = planner
}

/** Plans by whoever was set. */
export const plan: Planner = (request, options) => {
  const planner = (globalThis as { [KEY]?: Planner })[KEY]
  if (planner) return planner(request, options)
  throw new GooseError('NOT_SUPPORTED', {
    what: 'plan()',
    reason: 'goose-odm was not loaded as a whole',
    hint: 'import it from "goose-odm"',
  })
}
