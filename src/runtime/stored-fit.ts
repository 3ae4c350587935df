// Tells of stored bytes whether they fit a model, quickly where they do.
import { BSON } from 'mongodb'
import * as z from 'zod'
import type { ValidationIssue } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { hydrate, modelOf, type RuntimeModel } from './document.ts'
import { issuesOf } from './fit.ts'

/** Gives what does not fit; nothing for a document that does. */
export async function misfitsOf(model: RuntimeModel, bytes: Buffer): Promise<readonly ValidationIssue[]> {
  const document = hydrate(model, bytes)
  const { definition } = modelOf(document)
  const refused = refusedNames(definition, bytes)
  if (refused.length > 0) return refused
  const whole = wholeOf(definition)
  if (!whole.isAsync) {
    const values = Object.fromEntries(whole.names.map(name => [name, document[name]]))
    try {
      if (z.safeParse(whole.schema, values).success) return []
    } catch (error) {
      if (!(error instanceof z.core.$ZodAsyncError)) throw error
      whole.isAsync = true
    }
  }
  return issuesOf(document)
}

interface Whole {
  readonly schema: z.ZodObject
  readonly names: readonly string[]
  isAsync: boolean
}

const wholes = new WeakMap<ModelDefinition, Whole>()

// One schema of all fields is far quicker than one after the other.
function wholeOf(definition: ModelDefinition): Whole {
  const there = wholes.get(definition)
  if (there) return there
  const fields = definition.fields.filter(isStored)
  const shape = Object.fromEntries(fields.map(field => [field.name, field.schema])) as Record<string, z.ZodType>
  const made = { schema: z.object(shape), names: fields.map(field => field.name), isAsync: false }
  wholes.set(definition, made)
  return made
}

function isStored(field: Field): boolean {
  return field.kind !== 'many' && !field.marks.transient
}

function refusedNames(definition: ModelDefinition, bytes: Buffer): readonly ValidationIssue[] {
  const never = definition.fields.filter(field => !isStored(field)).map(field => field.name)
  if (never.length === 0 && !definition.strict) return []
  const names = namesIn(bytes)
  const transient = never.filter(name => names.includes(name)).map(path => ({ path, message: 'is never stored' }))
  if (!definition.strict) return transient
  const unknown = names.filter(name => name !== '_id' && !definition.fieldByName.has(name))
  return [...transient, ...unknown.map(path => ({ path, message: 'is not in the model, which is strict' }))]
}

function namesIn(bytes: Buffer): readonly string[] {
  return Object.keys(BSON.deserialize(bytes, { promoteBuffers: false }))
}
