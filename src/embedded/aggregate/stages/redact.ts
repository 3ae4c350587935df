// Runs $redact: keeps, prunes or descends into each document and its parts.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileExpression } from '../expression.ts'
import type { Cell, Result } from '../operator.ts'
import { type StageOperator, variablesOf } from '../stage.ts'

export const redact: StageOperator = (specification, { environment }) => {
  const current: Cell = { value: undefined }
  const cells: [string, Cell][] = [
    ['CURRENT', current],
    ['DESCEND', { value: 'descend' }],
    ['KEEP', { value: 'keep' }],
    ['PRUNE', { value: 'prune' }],
  ]
  const expression = compileExpression(specification, environment, cells)
  const variables = variablesOf(environment)
  return {
    reads: null,
    run: function* (input: Iterable<Document>) {
      for (const document of input) {
        const decide = (part: Document) => {
          current.value = part
          return expression.evaluate(document, variables)
        }
        const kept = redacted(document, decide)
        if (kept) yield kept
      }
    },
  }
}

function redacted(document: Document, decide: (part: Document) => Result): Document | undefined {
  const decision = decide(document)
  if (decision === 'keep') return document
  if (decision === 'prune') return undefined
  if (decision !== 'descend') {
    throw new CommandError(
      17053,
      "$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE",
    )
  }
  const kept: Document = new Map()
  for (const [name, value] of document) {
    const inner = redactedValue(value, decide)
    if (inner !== undefined) kept.set(name, inner)
  }
  return kept
}

function redactedValue(value: Value, decide: (part: Document) => Result): Value | undefined {
  if (value instanceof Map) return redacted(value, decide)
  if (!Array.isArray(value)) return value
  return value.map(element => redactedValue(element, decide)).filter(element => element !== undefined)
}
