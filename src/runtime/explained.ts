// What a server's explanation of a query comes down to: the stages, the index, and what was read.

/** What an explanation says: stages, index, what was read, and whether that was the whole collection. */
export interface ExplainedFacts {
  readonly stages: readonly string[]
  readonly index: string | null
  readonly returned: number | null
  readonly keys: number | null
  readonly documents: number | null
  readonly milliseconds: number | null
  readonly scans: boolean
}

type Explained = Readonly<Record<string, unknown>>

/** Reads the explanation of a server. */
export function explainedFacts(explained: Explained): ExplainedFacts {
  const planner = explained.queryPlanner as Explained | undefined
  const statistics = explained.executionStats as Explained | undefined
  const chain = stagesOf((planner?.winningPlan ?? {}) as Explained)
  const stages = chain.map(stage => String(stage.stage))
  return {
    stages,
    index: (chain.find(stage => typeof stage.indexName === 'string')?.indexName as string | undefined) ?? null,
    returned: numberOf(statistics?.nReturned),
    keys: numberOf(statistics?.totalKeysExamined),
    documents: numberOf(statistics?.totalDocsExamined),
    milliseconds: numberOf(statistics?.executionTimeMillis),
    scans: stages.includes('COLLSCAN'),
  }
}

function stagesOf(plan: Explained): readonly Explained[] {
  const inner = plan.queryPlan ?? plan.inputStage ?? (plan.inputStages as readonly Explained[] | undefined)?.[0]
  const own = typeof plan.stage === 'string' ? [plan] : []
  return inner ? [...own, ...stagesOf(inner as Explained)] : own
}

function numberOf(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value)
}
