// Reads the fidelity cases: what a MongoDB server answers to raw commands.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Document } from '../../src/embedded/bson/decode.ts'
import { readDocument } from './extended-json.ts'

const folder = resolve(import.meta.dirname, '../../../shared/fidelity')

export interface FidelityCase {
  readonly name: string
  readonly group: string
  readonly docs: Document
  readonly indexes: Document
  readonly commands: readonly Document[]
  readonly expect: Document
  readonly isOrdered: boolean
}

type Json = Parameters<typeof readDocument>[0]

interface Line {
  readonly name: string
  readonly group: string
  readonly docs: Json
  readonly indexes?: Json
  readonly command?: Json
  readonly commands?: readonly Json[]
  readonly expect: Json
  readonly order: string
}

/** Gives all cases by group; none where the folder is absent. */
export function fidelityCases(): ReadonlyMap<string, readonly FidelityCase[]> {
  if (!existsSync(folder)) return new Map()
  const files = readdirSync(folder).filter(name => /^cases-.*\.json$/.test(name))
  return new Map(files.map(file => [file.slice('cases-'.length, -'.json'.length), casesIn(file)]))
}

function casesIn(file: string): readonly FidelityCase[] {
  const lines = JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as readonly Line[]
  return lines.map(line => ({
    name: line.name,
    group: line.group,
    docs: readDocument(line.docs),
    indexes: readDocument(line.indexes ?? {}),
    commands: (line.commands ?? [line.command!]).map(readDocument),
    expect: readDocument(line.expect),
    isOrdered: line.order === 'exact',
  }))
}
