// Makes a program of what was typed: names stay, promises are waited for, the last value is given.
import type { AnyNode, ForStatement, ImportDeclaration, Node, Pattern, VariableDeclaration } from 'acorn'
import { awaitedCalls, childrenOf, isLater } from './awaited-places.ts'
import { syntaxOf } from './syntax.ts'
import { TextEdits } from './text-edits.ts'

/** A text that V8 can run: the code of an async function's body. */
export interface RunnableProgram {
  readonly body: string
  /** What it declares, to be known to the lines that follow. */
  readonly names: readonly string[]
}

/** The name under which a program reaches the console: `last`, `keep(names)`, `is(value)`, `value`, `import(name)`, `turn()`. */
export const consoleName = '__goose'

/** Makes a program of a text. Throws `Unfinished` and errors of the language. */
export function programOf(typed: string): RunnableProgram {
  const { text, tree } = syntaxOf(typed)
  const edits = new TextEdits()
  const names: string[] = []
  breakLoops(tree, edits)
  for (const statement of tree.body) {
    const inner = statement.type === 'ExportNamedDeclaration' && statement.declaration
    if (inner) edits.replace({ start: statement.start, end: inner.start }, '')
    keepDeclared(inner || statement, { edits, names })
  }
  for (const statement of tree.body) keepInner(statement, { edits, names })
  keepValue(tree.body.findLast(hasValue), edits)
  for (const call of awaitedCalls(tree))
    edits.around(call, `(${consoleName}.is(`, `) ? await ${consoleName}.value : ${consoleName}.value)`)
  replaceImports(tree, edits)
  const hoisted = tree.body.flatMap(part => (part.type === 'FunctionDeclaration' ? [part.id.name] : []))
  const head = hoisted.length > 0 ? `${consoleName}.keep({ ${hoisted.join(', ')} });` : ''
  return { body: `;${head}${edits.applied(text)}`, names }
}

interface Keeping {
  readonly edits: TextEdits
  readonly names: string[]
}

/** Turns what a line declares into assignments to names that the next line knows, too. */
function keepDeclared(statement: AnyNode, keeping: Keeping): void {
  const { edits, names } = keeping
  if (statement.type === 'VariableDeclaration') keepVariables(statement, keeping)
  else if (statement.type === 'FunctionDeclaration') names.push(statement.id!.name)
  else if (statement.type === 'ClassDeclaration') {
    names.push(statement.id!.name)
    edits.around(statement, `${statement.id!.name} = `, ';')
  } else if (statement.type === 'ImportDeclaration') {
    names.push(...statement.specifiers.map(({ local }) => local.name))
    edits.replace(statement, importing(statement))
  } else if (statement.type === 'ExportDefaultDeclaration')
    edits.replace({ start: statement.start, end: statement.declaration.start }, `${consoleName}.last = `)
}

function keepVariables(declaration: VariableDeclaration, { edits, names }: Keeping): void {
  const [first] = declaration.declarations
  if (!first) return
  edits.replace({ start: declaration.start, end: first.start }, 'void (')
  edits.around({ start: first.start, end: declaration.declarations.at(-1)!.end }, '', ')')
  for (const { id, init, start, end } of declaration.declarations) {
    names.push(...namesIn(id))
    edits.around({ start, end }, '(', init || declaration.kind === 'var' ? ')' : ' = undefined)')
  }
}

/** Keeps the `var` of blocks and loops, which is seen outside of them. */
function keepInner(node: AnyNode, keeping: Keeping): void {
  for (const child of childrenOf(node)) {
    if (isLater(child)) continue
    if (child.type === 'VariableDeclaration' && child.kind === 'var') {
      if (/^For(In|Of)/.test(node.type)) keepCounter(child, keeping)
      else keepVariables(child, keeping)
    }
    keepInner(child, keeping)
  }
}

// `for (var x of …)` takes a place to put values into, which cannot stand in brackets.
function keepCounter({ declarations, start }: VariableDeclaration, { edits, names }: Keeping): void {
  for (const { id } of declarations) {
    edits.replace({ start, end: id.start }, '')
    names.push(...namesIn(id))
  }
}

/** Gives the names that a pattern puts values into. */
export function namesIn(pattern: Pattern): readonly string[] {
  if (pattern.type === 'Identifier') return [pattern.name]
  if (pattern.type === 'AssignmentPattern') return namesIn(pattern.left)
  if (pattern.type === 'RestElement') return namesIn(pattern.argument)
  if (pattern.type === 'ArrayPattern') return pattern.elements.flatMap(element => (element ? namesIn(element) : []))
  if (pattern.type === 'ObjectPattern')
    return pattern.properties.flatMap(property => namesIn(property.type === 'RestElement' ? property : property.value))
  return []
}

function hasValue({ type }: AnyNode): boolean {
  return !/^(Empty|Import|Export)|Declaration$/.test(type)
}

/** Has the value of the last statement kept, inside of blocks and branches, too. */
function keepValue(statement: AnyNode | null | undefined, edits: TextEdits): void {
  if (!statement) return
  if (statement.type === 'ExpressionStatement') edits.around(statement.expression, `${consoleName}.last = (`, ')')
  else if (statement.type === 'BlockStatement') keepValue(statement.body.findLast(hasValue), edits)
  else if (statement.type === 'TryStatement')
    for (const block of [statement.block, statement.handler?.body]) keepValue(block, edits)
  else if (statement.type === 'IfStatement')
    for (const branch of [statement.consequent, statement.alternate]) keepValue(branch, edits)
  else if (/^(For|While|DoWhile|Labeled)/.test(statement.type)) keepValue((statement as { body?: AnyNode }).body, edits)
}

function importing({ specifiers, source }: ImportDeclaration): string {
  const module = `await ${consoleName}.import(${source.raw})`
  const parts = specifiers.map(specifier => {
    const local = specifier.local.name
    if (specifier.type === 'ImportNamespaceSpecifier') return `${local} = ${module};`
    const { imported } = specifier as { readonly imported?: { readonly name?: string; readonly value?: unknown } }
    return `({ ${JSON.stringify(imported?.name ?? imported?.value ?? 'default')}: ${local} } = ${module});`
  })
  return parts.length > 0 ? parts.join(' ') : `${module};`
}

// Outer parts first: a loop is around what it repeats.
function breakLoops(node: Node, edits: TextEdits): void {
  if (/^(For(In|Of)?|While|DoWhile)Statement$/.test(node.type))
    edits.around((node as ForStatement).body, `{ ${consoleName}.turn(); `, ' }')
  for (const child of childrenOf(node)) breakLoops(child, edits)
}

// Modules of the project are TypeScript, and share the models of this process.
function replaceImports(node: Node, edits: TextEdits): void {
  if (node.type === 'ImportExpression')
    edits.replace({ start: node.start, end: node.start + 'import'.length }, `${consoleName}.import`)
  for (const child of childrenOf(node)) replaceImports(child, edits)
}
