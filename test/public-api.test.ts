// The public API by name: what is added or removed here is seen by everybody who reviews the change.
import { resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

test('goose-odm exports these names', () => {
  expect(exportsOf('index.ts')).toMatchInlineSnapshot(`
    [
      "AmbiguousReference",
      "Binary",
      "ConfigInvalid",
      "CycleRefused",
      "Decimal128",
      "DecryptionFailed",
      "DocumentNotFound",
      "DuplicateKey",
      "EmptyFilterRefused",
      "GooseError",
      "InvalidCursor",
      "InvalidFilter",
      "JobLocked",
      "Long",
      "ModelLoadFailed",
      "MultipleDocumentsFound",
      "NotConnected",
      "ObjectId",
      "PlanDrifted",
      "Query",
      "ReferenceMissing",
      "UUID",
      "UnknownModel",
      "UnknownPath",
      "ValidationFailed",
      "VersionConflict",
      "binary",
      "connect",
      "connection",
      "decimal",
      "definePlugin",
      "disconnect",
      "long",
      "model",
      "objectId",
      "ref",
      "secret",
      "timestamps",
      "transient",
      "type Connection",
      "type ErrorCode",
      "type Filter",
      "type Input",
      "type Page",
      "type Plugin",
      "type Ref",
      "uuid",
      "z",
    ]
  `)
})

test('goose-odm/embedded exports these names', () => {
  expect(exportsOf('embedded/index.ts')).toMatchInlineSnapshot()
})

function exportsOf(file: string): string[] {
  const path = resolve(src, file)
  const program = ts.createProgram([path], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.Node20,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)!
  const isType = (symbol: ts.Symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return !(target.flags & ts.SymbolFlags.Value)
  }
  return checker
    .getExportsOfModule(module)
    .map(symbol => `${isType(symbol) ? 'type ' : ''}${symbol.name}`)
    .sort()
}
