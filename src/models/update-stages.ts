// Checks the stages of an update that is a pipeline: what they write, what they read, and what they would show.
import { UnknownPath } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import { encryptedFields } from './encrypted-fields.ts'
import { fieldsNamed, pathsRead, WHOLE } from './expression-paths.ts'
import { suggestion } from './nearest.ts'
import { findPath, isHiddenAt, pathNames } from './path.ts'
import { isPlain } from './plain.ts'
import { type Check, checkUnset, checkValue, invalid, refuseUnkept, writtenField } from './update-value.ts'

type Values = Record<string, unknown>

const assigning = new Set(['$set', '$addFields'])
const replacing = new Set(['$replaceWith', '$replaceRoot', '$project'])

/** Checks the stages of a pipeline. What an expression gives is known to the server alone. */
export function checkStages(check: Check, stages: readonly unknown[]): Values[] {
  let isReplaced = false
  return stages.map(stage => {
    const checked = checkStage(check, stage)
    const [name = ''] = Object.keys(checked)
    if (!isReplaced) refuseUnknown(check.definition, checked[name])
    isReplaced ||= replacing.has(name)
    return checked
  })
}

function checkStage(check: Check, stage: unknown): Values {
  const { definition } = check
  const [name, ...more] = isPlain(stage) ? Object.keys(stage) : []
  if (!isPlain(stage) || !name || more.length > 0)
    throw invalid(definition, 'a stage is an object with one key', 'write [{ $set: { … } }]')
  const value = stage[name]
  if (assigning.has(name) && isPlain(value))
    return {
      [name]: Object.fromEntries(
        Object.entries(value).map(([path, item]) => [path, checkExpression(check, path, item)]),
      ),
    }
  if (name === '$unset') {
    for (const path of [value].flat()) checkUnset(check, String(path), 1)
    return stage
  }
  if (replacing.has(name)) return checkReplacement(definition, name, stage)
  throw invalid(
    definition,
    `an update has no stage ${name}`,
    suggestion(name, [...assigning, '$unset', '$project', '$replaceWith', '$replaceRoot']),
  )
}

// A plain value is checked like any other.
function checkExpression(check: Check, path: string, value: unknown): unknown {
  refuseUnkept(check, path, value)
  if (isPlain(value) && '$literal' in value) return { $literal: checkValue(check, path, value.$literal) }
  const isExpression = isPlain(value) || Array.isArray(value) || (typeof value === 'string' && value.startsWith('$'))
  if (!isExpression) return checkValue(check, path, value)
  writtenField(check, path)
  if (!isHiddenAt(check.definition, path)) refuseShown(check.definition, path, value)
  return value
}

function checkReplacement(definition: ModelDefinition, name: string, stage: Values): Values {
  if (encryptedFields(definition).length > 0)
    throw invalid(definition, `${name} could store encrypted fields in clear`, 'write $set and $unset')
  const read = [...pathsRead(stage[name]), ...fieldsNamed(stage[name])]
  const hidden = read.find(path => path !== WHOLE && isHiddenAt(definition, path))
  if (hidden !== undefined) throw shown(definition, name, hidden)
  return stage
}

// A copy of a hidden value under another name would be seen by everybody, and by the audit.
function refuseShown(definition: ModelDefinition, path: string, expression: unknown): void {
  const read = [...pathsRead(expression), ...fieldsNamed(expression)]
  const hidden = read.find(from =>
    from === WHOLE ? definition.fields.some(({ name }) => isHiddenAt(definition, name)) : isHiddenAt(definition, from),
  )
  if (hidden !== undefined) throw shown(definition, path, hidden)
}

function shown(definition: ModelDefinition, path: string, hidden: string) {
  const what = hidden === WHOLE ? 'the document hides' : `"${hidden}" hides`
  return invalid(definition, `"${path}" would show what ${what}`, 'load the documents and save them')
}

// A name that is mistyped reads nothing, and nothing would be written.
function refuseUnknown(definition: ModelDefinition, expression: unknown): void {
  const path = pathsRead(expression).find(read => read !== WHOLE && !findPath(definition, read).known)
  if (path !== undefined)
    throw new UnknownPath({ model: definition.name, path, nearest: suggestion(path, pathNames(definition)) })
}
