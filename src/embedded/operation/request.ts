// Reads a command out of a message: its name, its fields, and its documents still as bytes.
import { type Document, decodeValue, type Value } from '../bson/decode.ts'
import { validateDocument } from '../bson/validation.ts'
import { elements } from '../bson/walk.ts'
import { CommandError } from '../errors.ts'
import type { Message } from '../wire/message.ts'

export interface Request {
  readonly name: string
  /** the fields of the command, without the lists of documents it carries */
  readonly body: Document
  readonly db: string
  /** lists of documents as they came, by field: beside the body or in it */
  readonly documents: ReadonlyMap<string, readonly Buffer[]>
}

/** In the body a document lies below the command and its list: two levels more than it may have by itself. */
const BODY_DEPTH = -1
const LISTS = new Map([
  ['insert', 'documents'],
  ['update', 'updates'],
  ['delete', 'deletes'],
  ['bulkWrite', 'ops'],
])

/** Throws InvalidBSON for bytes that are no BSON. */
export function requestOf(message: Message): Request {
  validateDocument(message.body, 0, { depth: BODY_DEPTH })
  for (const sequence of message.sequences.values()) for (const bytes of sequence) validateDocument(bytes)
  const body: Document = new Map()
  const documents = new Map(message.sequences)
  let name: string | undefined
  for (const element of elements(message.body)) {
    name ??= element.name
    if (element.type === 4 && LISTS.get(name) === element.name) {
      if (documents.has(element.name)) throw duplicateField(element.name)
      documents.set(element.name, listOf(message.body, element.valueStart, `${name}.${element.name}`))
    } else body.set(element.name, decodeValue(message.body, element.type, element.valueStart))
  }
  if (name === undefined) throw new CommandError('CommandNotFound', 'no command')
  return { name, body, db: databaseOf(message, body), documents }
}

function duplicateField(name: string): CommandError {
  return new CommandError('FailedToParse', `BSON field '${name}' is both in the body and a document sequence`)
}

function listOf(body: Buffer, start: number, path: string): Buffer[] {
  const list: Buffer[] = []
  for (const { type, valueStart, valueEnd } of elements(body, start)) {
    if (type !== 3)
      throw new CommandError(
        'TypeMismatch',
        `BSON field '${path}.${list.length}' is the wrong type, expected type 'object'`,
      )
    list.push(body.subarray(valueStart, valueEnd))
  }
  return list
}

function databaseOf(message: Message, body: Document): string {
  if (message.database !== undefined) return message.database
  const db: Value | undefined = body.get('$db')
  if (db === undefined) throw new CommandError(40571, 'OP_MSG requests require a $db argument')
  if (typeof db !== 'string') throw new CommandError('TypeMismatch', "BSON field '$db' must be of type string")
  if (!isDatabaseName(db)) throw new CommandError('InvalidNamespace', `Invalid database name: '${db}'`)
  return db
}

export function isDatabaseName(name: string): boolean {
  return name.length > 0 && Buffer.byteLength(name) < 64 && !/[/\\. "$\0]/.test(name)
}
