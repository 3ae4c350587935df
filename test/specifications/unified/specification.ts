// Reads the files of MongoDB's unified test format.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BSON, type Document } from 'mongodb'

export interface Requirement {
  readonly minServerVersion?: string
  readonly maxServerVersion?: string
  readonly topologies?: readonly string[]
  readonly auth?: boolean
  readonly serverParameters?: Document
  readonly csfle?: boolean | Document
}

export interface Operation {
  readonly name: string
  readonly object: string
  readonly arguments?: Document
  readonly expectResult?: unknown
  readonly expectError?: ExpectedError
  readonly ignoreResultAndError?: boolean
}

export interface ExpectedError {
  readonly isError?: boolean
  readonly isClientError?: boolean
  readonly isTimeoutError?: boolean
  readonly errorContains?: string
  readonly errorCode?: number
  readonly errorCodeName?: string
  readonly errorLabelsContain?: readonly string[]
  readonly errorLabelsOmit?: readonly string[]
  readonly errorResponse?: Document
  readonly expectResult?: unknown
  readonly writeErrors?: Document
  readonly writeConcernErrors?: readonly Document[]
}

export interface CollectionData {
  readonly databaseName: string
  readonly collectionName: string
  readonly documents: readonly Document[]
  readonly createOptions?: Document
}

export interface ExpectedEvents {
  readonly client: string
  readonly eventType?: 'command' | 'cmap' | 'sdam'
  readonly events: readonly Document[]
  readonly ignoreExtraEvents?: boolean
}

export interface SpecificationTest {
  readonly description: string
  readonly skipReason?: string
  readonly runOnRequirements?: readonly Requirement[]
  readonly operations: readonly Operation[]
  readonly expectEvents?: readonly ExpectedEvents[]
  readonly outcome?: readonly CollectionData[]
}

export interface Specification {
  readonly description: string
  readonly runOnRequirements?: readonly Requirement[]
  readonly createEntities?: readonly Document[]
  readonly initialData?: readonly CollectionData[]
  readonly tests: readonly SpecificationTest[]
}

/** Reads all specifications of a folder, by file name. */
export function specificationsIn(folder: string): ReadonlyMap<string, Specification> {
  const files = readdirSync(folder).filter(name => name.endsWith('.json'))
  return new Map(files.sort().map(name => [name, specificationAt(join(folder, name))]))
}

function specificationAt(path: string): Specification {
  return BSON.EJSON.parse(readFileSync(path, 'utf8'), { relaxed: true }) as Specification
}
