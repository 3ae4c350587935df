// The indexes of a model by the paths that are stored: encrypted fields by their blind index.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import { BLIND } from './envelope.ts'
import type { IndexDeclaration } from './index-declaration.ts'
import { suggestion } from './nearest.ts'
import { findPath, pathNames } from './path.ts'
import { settingsOf } from './settings.ts'
import { familyOf } from './variant.ts'

/** Gives the declared indexes as the server is to have them. Throws `MODEL_INVALID` for a path that is none. */
export function storedIndexes(definition: ModelDefinition): readonly IndexDeclaration[] {
  return familyOf(definition).flatMap(storedBy)
}

function storedBy(definition: ModelDefinition): readonly IndexDeclaration[] {
  return definition.indexes.map(index => ({
    ...index,
    ...amongLiving(definition, index),
    key: Object.fromEntries(Object.entries(index.key).map(([path, way]) => [storedPath(definition, path), way])),
  }))
}

function amongLiving(definition: ModelDefinition, index: IndexDeclaration): Partial<IndexDeclaration> {
  const { softDelete } = settingsOf(definition)
  if (!softDelete?.uniqueAmongLiving || !index.unique || index.partialFilterExpression) return {}
  return { partialFilterExpression: { [softDelete.field]: null } }
}

function storedPath(definition: ModelDefinition, path: string): string {
  if (path === '$**' || path.endsWith('.$**')) return path
  const found = findPath(definition, path)
  if (!found.known) refuse(definition, `has no path "${path}"`, suggestion(path, pathNames(definition)))
  const marks = { ...found.field?.marks, ...found.field?.element?.marks }
  if (!marks.encrypted) return path
  if (marks.encrypted.queryable) return `${path}.${BLIND}`
  return refuse(definition, `"${path}" is encrypted`, 'declare it with encrypted(…, { queryable: true })')
}

function refuse(definition: ModelDefinition, reason: string, hint: string): never {
  throw new GooseError('MODEL_INVALID', { model: definition.name, reason: `index: ${reason}`, hint })
}
