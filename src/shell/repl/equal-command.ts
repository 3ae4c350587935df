// The command line that does the same as a write that was typed: what is tried in the console becomes a script.
import type { AnyNode, CallExpression } from 'acorn'
import type { LoadedModel } from '../models.ts'
import { childrenOf } from './awaited-places.ts'
import { syntaxOf } from './syntax.ts'
import { TextEdits } from './text-edits.ts'

/** Gives the command of goose that is equal to a typed write; nothing where what is written was worked out by code. */
export function equalCommand(typed: string, models: readonly LoadedModel[]): string | undefined {
  const { text, tree } = syntaxOf(typed)
  const call = tree.body.length === 1 ? callOf(tree.body[0]!) : undefined
  const words =
    call &&
    wordsOf(
      call,
      text,
      models.map(({ name }) => name),
    )
  return words && ['goose', ...words.map(shellWord)].join(' ')
}

/** A method that is called on a model, or on what a method of it gives. */
interface Step {
  readonly method: string
  readonly given: readonly AnyNode[]
}

/** What was written as arguments, in its order. */
type Given = readonly [first: string, second?: string]

const update = (model: string, [filter, change = '']: Given) => {
  const way = change.startsWith('[') ? '--pipeline' : '--update'
  return ['bulk', 'update', model, '--filter', filter, way, change]
}
const remove = (model: string, [filter]: Given) => ['bulk', 'delete', model, '--filter', filter]
const one =
  (word: string) =>
  (model: string, [id]: Given) => [word, model, id.replace(/^(['"])(.*)\1$/, '$2')]

/** Commands by the methods that they are equal to, and by how much each of these is given. */
const equals: Readonly<Record<string, (model: string, given: Given) => readonly string[]>> = {
  'create 1': (model, [document]) => ['insert', model, '--data', document],
  'updateMany 2': update,
  'find.updateMany 1,1': update,
  'deleteMany 1': remove,
  'find.deleteMany 1,0': remove,
  'get.delete 1,0': one('delete'),
  'get.restore 1,0': one('restore'),
}

function wordsOf(call: CallExpression, text: string, models: readonly string[]): readonly string[] | undefined {
  const chain = chainOf(call)
  if (!chain || !models.includes(chain.model)) return undefined
  const { model, steps } = chain
  const given = steps.flatMap(step => step.given)
  const methods = steps.map(step => step.method).join('.')
  const equal = equals[`${methods} ${steps.map(step => step.given.length).join()}`]
  if (!equal || !given.every(isWritten)) return undefined
  const texts = given.map(node => sourceOf(node, text))
  return equal(model, texts as unknown as Given)
}

function callOf(statement: AnyNode): CallExpression | undefined {
  const value =
    statement.type === 'ExpressionStatement'
      ? statement.expression
      : statement.type === 'VariableDeclaration' && statement.declarations.length === 1
        ? statement.declarations[0]?.init
        : undefined
  const call = value?.type === 'AwaitExpression' ? value.argument : value
  return call?.type === 'CallExpression' ? call : undefined
}

/** Reads `Model.first(…)` and `Model.first(…).second(…)`, awaited or not. */
function chainOf(call: CallExpression): { readonly model: string; readonly steps: readonly Step[] } | undefined {
  const { callee } = call
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || callee.computed) return undefined
  const step = { method: callee.property.name, given: call.arguments as readonly AnyNode[] }
  const owner = callee.object.type === 'AwaitExpression' ? callee.object.argument : callee.object
  if (owner.type === 'Identifier') return { model: owner.name, steps: [step] }
  const before = owner.type === 'CallExpression' ? chainOf(owner) : undefined
  return before?.steps.length === 1 ? { model: before.model, steps: [...before.steps, step] } : undefined
}

const types = /^(ObjectId|ISODate|Date|UUID|NumberInt|NumberLong|NumberDecimal|Long|Int32|Double|Decimal128)$/

/** Says whether a value stands there as it is: it then means the same on a command line. */
function isWritten(node: AnyNode): boolean {
  if (node.type === 'Literal') return !('bigint' in node)
  if (node.type === 'ArrayExpression') return node.elements.every(element => element !== null && isWritten(element))
  if (node.type === 'ObjectExpression')
    return node.properties.every(
      property => property.type === 'Property' && !property.computed && !property.method && isWritten(property.value),
    )
  if (node.type === 'UnaryExpression') return node.operator === '-' && isWritten(node.argument)
  return (
    (node.type === 'CallExpression' || node.type === 'NewExpression') &&
    node.callee.type === 'Identifier' &&
    types.test(node.callee.name) &&
    node.arguments.length > 0 &&
    node.arguments.every(isWritten)
  )
}

/** Gives a value as it was written, its texts in the quotes that a shell leaves alone. */
function sourceOf(node: AnyNode, text: string): string {
  const edits = new TextEdits()
  const visit = (part: AnyNode) => {
    if (part.type === 'Literal' && typeof part.value === 'string') edits.replace(part, JSON.stringify(part.value))
    childrenOf(part).forEach(visit)
  }
  visit(node)
  return edits
    .applied(text.slice(0, node.end))
    .slice(node.start)
    .replaceAll(/\s*\n\s*/g, ' ')
}

/** Puts a word into the quotes of a shell where it needs them. */
function shellWord(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
