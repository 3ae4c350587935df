// Implements $rename.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { textOf } from '../values/text.ts'
import { idText } from './arithmetic.ts'
import { set, unset } from './assignment.ts'
import { type Editor, notTraversable } from './editor.ts'
import { elementIndex, type UpdatePath, updatePath } from './update-path.ts'

export interface Rename {
  readonly from: UpdatePath
  readonly to: UpdatePath
}

/** Checks the names of a $rename. */
export function renameOf(source: string, target: Value): Rename {
  if (typeof target !== 'string')
    throw new CommandError('BadValue', `The 'to' field for $rename must be a string: ${source}: ${textOf(target)}`)
  const from = plainPath(source, 'source')
  const to = plainPath(target, 'destination')
  if (source === target)
    throw new CommandError('BadValue', `The source and target field for $rename must differ: ${source}: "${target}"`)
  if (target.startsWith(`${source}.`) || source.startsWith(`${target}.`))
    throw new CommandError(
      'BadValue',
      `The source and target field for $rename must not be on the same path: ${source}: "${target}"`,
    )
  return { from, to }
}

/** Moves a field; a missing one moves nothing. */
export function applyRename(editor: Editor, { from, to }: Rename): void {
  const value = sourceValue(editor, from)
  if (value === undefined) return
  refuseArraysOnTheWay(editor, to)
  const scope = { path: to.text, collation: undefined, now: () => new Date() }
  editor.change(to, set(value, scope))
  editor.change(from, unset(null, scope))
}

function plainPath(text: string, side: 'source' | 'destination'): UpdatePath {
  if (/(?:^|\.)\$(?:\[\w*\])?(?:\.|$)/.test(text))
    throw new CommandError('BadValue', `The ${side} field for $rename may not be dynamic: ${text}`)
  return updatePath(text, new Map())
}

/** Finds what is moved: a path through a scalar is an error, a missing one moves nothing. */
function sourceValue(editor: Editor, path: UpdatePath): Value | undefined {
  let value: Value | undefined = editor.document
  let array: string | undefined
  let parent = ''
  for (const name of path.parts) {
    if (value === undefined) return undefined
    if (Array.isArray(value) && elementIndex(name) >= 0) {
      array ??= parent
      value = value[elementIndex(name)]
    } else if (value instanceof Map) value = value.get(name)
    else throw notTraversable(path.text, { name, parent, value })
    parent = name
  }
  if (value !== undefined && array !== undefined)
    throw insideArray(editor.original, { path: path.text, side: 'source', array })
  return value
}

function refuseArraysOnTheWay(editor: Editor, path: UpdatePath): void {
  let value: Value | undefined = editor.document
  let array = ''
  for (const name of path.parts) {
    if (Array.isArray(value)) throw insideArray(editor.original, { path: path.text, side: 'destination', array })
    value = value instanceof Map ? value.get(name) : undefined
    array = name
  }
}

function insideArray(
  document: Document,
  { path, side, array }: { path: string; side: string; array: string },
): CommandError {
  const id = idText({ document, path }).replace(/^\{|\}$/g, '')
  return new CommandError(
    'BadValue',
    `The ${side} field cannot be an array element, '${path}' in doc with ${id} has an array field called '${array}'`,
  )
}
