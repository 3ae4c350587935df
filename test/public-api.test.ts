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
      "apply",
      "archive",
      "audit",
      "auditContext",
      "binary",
      "connect",
      "connection",
      "decimal",
      "defineConfig",
      "defineJob",
      "definePlugin",
      "disconnect",
      "encrypted",
      "env",
      "generateKey",
      "keyIds",
      "long",
      "many",
      "model",
      "objectId",
      "onQuery",
      "outside",
      "ref",
      "restoreArchived",
      "sanitize",
      "secret",
      "setAuditContext",
      "setKeys",
      "softDelete",
      "timestamps",
      "transaction",
      "transient",
      "tree",
      "type Actor",
      "type ArchivePlace",
      "type ArchivePolicy",
      "type AuditEntry",
      "type Branch",
      "type Breadcrumbs",
      "type BulkPlan",
      "type Change",
      "type Connection",
      "type ConnectionConfig",
      "type CursorPage",
      "type EncryptionKey",
      "type ErrorCode",
      "type Filter",
      "type Finding",
      "type Forest",
      "type FromEnvironment",
      "type GooseConfig",
      "type Input",
      "type Job",
      "type JobContext",
      "type Lean",
      "type LeanQuery",
      "type Many",
      "type Page",
      "type Plugin",
      "type PolicyConfig",
      "type PurgePolicy",
      "type QueryEvent",
      "type Ref",
      "type RunEnding",
      "type TreeNode",
      "undo",
      "uuid",
      "version",
      "z",
    ]
  `)
})

test('goose-odm/embedded exports these names', () => {
  expect(exportsOf('embedded/index.ts')).toMatchInlineSnapshot(`
    [
      "startEmbedded",
      "type Embedded",
      "type EmbeddedOptions",
    ]
  `)
})

test('goose-odm/fastify exports these names', () => {
  expect(exportsOf('integrations/fastify.ts')).toMatchInlineSnapshot(`
    [
      "frameworkErrors",
      "goose",
      "type GooseOptions",
      "type ZodTypeProvider",
    ]
  `)
})

test('goose-odm/http exports these names', () => {
  expect(exportsOf('integrations/http.ts')).toMatchInlineSnapshot(`
    [
      "Answer",
      "RequestInvalid",
      "answer",
      "createSchema",
      "cursorQuery",
      "documentSchema",
      "httpHandler",
      "jsonText",
      "nodeListener",
      "objectIdParam",
      "openApi",
      "pageQuery",
      "pageSchema",
      "problemOf",
      "resource",
      "route",
      "type Action",
      "type BodyOptions",
      "type ConnectionInfo",
      "type DatabaseOptions",
      "type Handler",
      "type HandlerOptions",
      "type Method",
      "type OpenApiDocument",
      "type OpenApiInfo",
      "type PageSizes",
      "type Problem",
      "type ResourceOptions",
      "type ResponseNote",
      "type Route",
      "type RouteRequest",
      "type ServerRouteOptions",
      "type UserAnswer",
      "under",
      "updateSchema",
    ]
  `)
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
