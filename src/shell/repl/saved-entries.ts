// Entries of a session as statements of one function: awaited where the console waits, each name declared once.
import type { AnyNode, Program, VariableDeclaration } from 'acorn'
import { Query } from '../../runtime/query.ts'
import { awaitedCalls, childrenOf } from './awaited-places.ts'
import { endingQuery, givingDocument, givingQuery } from './completion-words.ts'
import { namesIn } from './program.ts'
import { typeNames, wordNames } from './scope.ts'
import { syntaxOf } from './syntax.ts'
import { TextEdits } from './text-edits.ts'

/** An entry that was typed: a result that was only looked at by the page is told apart. */
export interface Entry {
  readonly code: string
  readonly kind: 'value' | 'pages'
}

/** Entries as they stand in a script. */
export interface SavedEntries {
  /** What has to stand at the top of a file. */
  readonly imports: readonly string[]
  readonly statements: readonly string[]
  /** The names that they declare themselves. */
  readonly declared: ReadonlySet<string>
}

interface Reading {
  readonly keepsLast: boolean
  /** Names that get another value later, or are declared again. */
  readonly changing: ReadonlySet<string>
  readonly declared: Set<string>
  readonly imports: string[]
}

/** Makes statements of entries; with `keepsLast`, each value is kept as `_`, as the console does. */
export function savedEntries(entries: readonly Entry[], { keepsLast }: { readonly keepsLast: boolean }): SavedEntries {
  const read = entries.filter(({ kind }) => kind === 'value').map(({ code }) => syntaxOf(code.trim()).tree)
  const names = read.flatMap(declaredIn)
  const assigned = read.flatMap(assignedIn)
  const again = names.filter((name, at) => names.indexOf(name) !== at)
  const undeclared = [...new Set(assigned)].filter(name => !names.includes(name))
  const reading = { keepsLast, changing: new Set([...again, ...assigned]), declared: new Set<string>(), imports: [] }
  const statements = entries.flatMap(entry => statementsOf(entry, reading))
  const before = [...(keepsLast ? ['_'] : []), ...undeclared].map(name => `let ${name}`)
  return {
    imports: reading.imports,
    statements: [...before, ...statements],
    declared: new Set([...names, ...undeclared]),
  }
}

function statementsOf({ code, kind }: Entry, reading: Reading): readonly string[] {
  const lines = code.trim().split('\n')
  if (kind === 'pages') return lines.map((line, at) => (at === 0 ? `// shown: ${line}` : `//        ${line}`))
  const { text, tree } = syntaxOf(code.trim().replace(/;+$/, ''))
  const edits = new TextEdits()
  for (const statement of tree.body) {
    if (statement.type === 'VariableDeclaration') declare(statement, edits, reading)
    if (statement.type !== 'ImportDeclaration') continue
    reading.imports.push(text.slice(statement.start, statement.end).replace(/;$/, ''))
    edits.replace(statement, '')
  }
  keepLast(tree, edits, reading)
  for (const call of awaitedCalls(tree).filter(({ node }) => !isAtOnce(node)))
    edits.around(call, call.isAsked ? '(await ' : 'await ', call.isAsked ? ')' : '')
  const written = edits.applied(text).trim()
  return written === '' ? [] : [written]
}

const builders = Object.getOwnPropertyNames(Query.prototype).filter(
  name => !endingQuery.has(name) && !givingDocument.has(name),
)
const listMethods = Object.getOwnPropertyNames(Array.prototype)
const textMethods = [String, Number, Date, RegExp].flatMap(type => Object.getOwnPropertyNames(type.prototype))
const atOnce = new Set([...builders, ...listMethods, ...textMethods, ...givingQuery])
const plainOwners = new Set(['Math', 'JSON', 'Object', 'Array', 'Number', 'String', 'Date', 'console'])
const plainCalls = new Set([...typeNames, ...wordNames, 'String', 'Number', 'Boolean', 'BigInt', 'parseInt', 'require'])

/** Says whether a call is known to give its value at once: then a script is easier to read without `await`. */
function isAtOnce(node: AnyNode): boolean {
  if (node.type !== 'CallExpression') return false
  const { callee } = node
  if (callee.type === 'Identifier') return plainCalls.has(callee.name)
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false
  return (
    atOnce.has(callee.property.name) || (callee.object.type === 'Identifier' && plainOwners.has(callee.object.name))
  )
}

// What the console lets be declared again is declared once, and changed.
function declare(declaration: VariableDeclaration, edits: TextEdits, { changing, declared }: Reading): void {
  const names = declaration.declarations.flatMap(({ id }) => namesIn(id))
  const keyword = { start: declaration.start, end: declaration.start + declaration.kind.length }
  const isAgain = names.some(name => declared.has(name))
  for (const name of names) declared.add(name)
  if (!isAgain) {
    if (names.some(name => changing.has(name))) edits.replace(keyword, 'let')
    return
  }
  edits.replace({ start: keyword.start, end: declaration.declarations[0]!.start }, '')
  for (const one of declaration.declarations) {
    const isPattern = one.id.type !== 'Identifier'
    edits.around(one, isPattern ? ';(' : '', `${one.init ? '' : ' = undefined'}${isPattern ? ')' : ''}`)
  }
}

function keepLast({ body }: Program, edits: TextEdits, { keepsLast }: Reading): void {
  const last = body.at(-1)
  if (last?.type !== 'ExpressionStatement') return
  if (keepsLast) edits.around(last.expression, '_ = ', '')
}

function declaredIn({ body }: Program): readonly string[] {
  return body.flatMap(statement => {
    if (statement.type === 'VariableDeclaration') return statement.declarations.flatMap(({ id }) => namesIn(id))
    if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') return [statement.id.name]
    return statement.type === 'ImportDeclaration' ? statement.specifiers.map(({ local }) => local.name) : []
  })
}

function assignedIn(node: Program | AnyNode): readonly string[] {
  const own =
    node.type === 'AssignmentExpression' && node.left.type !== 'MemberExpression'
      ? namesIn(node.left)
      : node.type === 'UpdateExpression' && node.argument.type === 'Identifier'
        ? [node.argument.name]
        : []
  return [...own, ...childrenOf(node).flatMap(assignedIn)]
}
