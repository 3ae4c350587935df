// Every error of the table is met here, or where its command is tested, and what it says is pinned.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  connection,
  type ErrorCode,
  encrypted,
  GooseError,
  generateKey,
  keyIds,
  model,
  ref,
  setKeys,
  transaction,
  tree,
  version,
  z,
} from 'goose-odm'
import { expect, test } from 'vitest'
import { type ErrorMeta, errorTable } from '../src/errors.ts'
import { modelNamed } from '../src/models/registry.ts'
import { useModelDatabase } from './support/model-database.ts'

useModelDatabase('errors')

class Writer extends model('ErrWriter', { name: z.string().min(1), code: z.int().default(7) }) {}
class Book extends model(
  'ErrBook',
  { title: z.string(), writer: ref(() => Writer).optional(), coded: ref(() => Writer, { by: 'code' }).optional() },
  { plugins: [version()], indexes: [{ key: { title: 1 }, unique: true }] },
) {}
class Branch extends model(
  'ErrBranch',
  {
    name: z.string(),
    parent: ref(() => Branch)
      .nullable()
      .default(null),
  },
  { plugins: [tree({ parent: 'parent', label: 'name' })] },
) {}
class Person extends model('ErrPerson', { taxId: encrypted(z.string()) }) {}

const id = '65f0a1b2c3d4e5f607182930'
const leafId = '65f0a1b2c3d4e5f607182931'
const books = async () => {
  await Book.syncIndexes()
  return Book.insertMany([{ title: 'a' }, { title: 'b' }])
}

/** What somebody does, and what is said to it. */
const met: Partial<Record<ErrorCode, readonly [act: () => unknown, sentence: string]>> = {
  NOT_CONNECTED: [() => connection('nobody'), 'not connected: no connection "nobody" is open'],
  DOCUMENT_NOT_FOUND: [() => Writer.get(id), `no ErrWriter with _id ${id}`],
  MULTIPLE_DOCUMENTS_FOUND: [
    () => books().then(() => Book.find({ title: { $gte: 'a' } }).one()),
    'more than one ErrBook matches {"title":{"$gte":"a"}}',
  ],
  VALIDATION_FAILED: [
    () => Writer.create({ name: '' }),
    'ErrWriter is not valid: name: Too small: expected string to have >=1 characters',
  ],
  DUPLICATE_KEY: [() => books().then(() => Book.create({ title: 'a' })), 'a ErrBook with title "a" exists already'],
  VERSION_CONFLICT: [
    async () => {
      await (await Book.collection()).insertOne({ _id: id as never, title: 'a', _v: 1 })
      const [one, other] = [(await Book.find().first())!, (await Book.find().first())!]
      await Object.assign(one, { title: 'b' }).save()
      await Object.assign(other, { title: 'c' }).save()
    },
    `ErrBook ${id} was changed or deleted by somebody else since it was loaded`,
  ],
  DOCUMENT_BUSY: [
    async () => {
      const writer = new Writer({ _id: id, name: 'a' })
      await Promise.all([writer.save(), writer.save()])
    },
    `ErrWriter ${id} is being written already`,
  ],
  UNKNOWN_MODEL: [() => modelNamed('ErrWritr'), 'model "ErrWritr" is not defined'],
  DUPLICATE_MODEL: [() => model('ErrBook', { title: z.number() }), 'model "ErrBook" is defined twice: '],
  MODEL_INVALID: [() => model('two words', {}), 'model "two words" is not right: its name is not a word'],
  UNKNOWN_PATH: [() => Book.find({ tile: 'a' } as never), 'ErrBook has no path "tile"'],
  INVALID_FILTER: [() => Book.find({ title: undefined } as never), 'filter on ErrBook: "title" is undefined'],
  INVALID_UPDATE: [
    () => Book.updateMany({ title: 'a' }, { $sett: { title: 'b' } } as never),
    'update of ErrBook: there is no operator $sett',
  ],
  INVALID_QUERY: [() => Book.find().skip(-1), 'query on ErrBook: skip is -1'],
  EMPTY_FILTER_REFUSED: [
    () => Book.deleteMany({}),
    'deleteMany of ErrBook without a filter would touch every document',
  ],
  INVALID_CURSOR: [() => Book.find().after('x'), 'cursor of ErrBook: it is not one that goose made'],
  CYCLE_REFUSED: [
    async () => {
      const root = await Branch.create({ _id: id, name: 'a' })
      const leaf = await Branch.create({ _id: leafId, name: 'b', parent: root })
      root.parent = leaf
      await root.save()
    },
    `ErrBranch ${id} would become its own ancestor: ${id} > ${leafId} > ${id}`,
  ],
  REFERENCE_MISSING: [
    async () => {
      await (await Book.collection()).insertOne({ _id: 1 as never, title: 'a', writer: 2 })
      await Book.find().populate('writer', { onMissing: 'throw' }).all()
    },
    'ErrBook 1: what "writer" refers to is gone (2)',
  ],
  AMBIGUOUS_REFERENCE: [
    async () => {
      await Writer.insertMany([{ name: 'a' }, { name: 'b' }])
      await Book.create({ title: 'a', coded: 7 })
      await Book.find().populate('coded').all()
    },
    'ErrBook "coded": ErrWriter has more than one document with code 7',
  ],
  DECRYPTION_FAILED: [
    async () => {
      setKeys([{ id: 'old', key: generateKey() }])
      await Person.create({ taxId: '1' })
      setKeys([{ id: 'new', key: generateKey() }])
      await Person.find().first()
    },
    'ErrPerson "taxId" cannot be decrypted with key "old": the key ring does not hold it',
  ],
  ENCRYPTION_KEY_MISSING: [
    () => {
      setKeys([])
      return Person.create({ taxId: '1' })
    },
    'ErrPerson "taxId" is encrypted and there is no key',
  ],
  TRANSACTION_REFUSED: [
    () => transaction(() => transaction(async () => undefined, { connection: 'other' })),
    'transaction: one is open on connection "default", it cannot reach "other"',
  ],
  NOT_SUPPORTED: [() => Book.findDeleted(), 'onlyDeleted() is not supported here: ErrBook has no soft delete'],
  CONFIG_INVALID: [
    () => {
      setKeys()
      process.env.GOOSE_KEYS = 'nonsense'
      try {
        return keyIds()
      } finally {
        delete process.env.GOOSE_KEYS
      }
    },
    'configuration GOOSE_KEYS: entry 1 is not id:base64',
  ],
}

test.each(Object.entries(met))('%s', async (code, [act, sentence]) => {
  const error: unknown = await Promise.resolve()
    .then(act)
    .catch(caught => caught)
  setKeys()
  if (!(error instanceof GooseError)) throw new Error(`no error of ours: ${error}`)
  expect([error.code, error.message.slice(0, sentence.length)]).toEqual([code, sentence])
  expect(error.hint).not.toBe('')
})

/** What only commands and operations raise: what is said, and of what. Their own tests meet them, by code. */
const elsewhere: Partial<Record<ErrorCode, readonly [meta: ErrorMeta, sentence: string]>> = {
  JOB_LOCKED: [{ job: 'tidy', holder: 'host 7' }, 'job "tidy" is locked by host 7'],
  AUDIT_BROKEN: [{ reason: 'entry 3 is gone' }, 'the audit is broken: entry 3 is gone'],
  CHANGE_OVERTAKEN: [{ model: 'Post', id: 1, paths: 'title', entry: 2 }, 'Post 1: title changed since entry 2'],
  PLAN_DRIFTED: [{ plan: 'p1', reason: 'the model changed' }, 'plan p1 no longer fits: the model changed'],
  PLAN_NOT_FOUND: [{ plan: 'p1' }, 'there is no plan p1'],
  RUN_NOT_FOUND: [{ run: 'r1' }, 'there is no run r1'],
  RUN_REFUSED: [{ run: 'r1', reason: 'it has ended' }, 'run r1: it has ended'],
  TOO_MANY_DOCUMENTS: [
    { operation: 'delete', model: 'Post', count: 12, most: 10 },
    'delete of Post would touch 12 documents, and at most 10 are allowed',
  ],
  ARCHIVE_REFUSED: [
    { place: 'coll:old', reason: 'it is the collection itself' },
    'archive coll:old: it is the collection itself',
  ],
  ARCHIVE_CLASHES: [
    { count: 2, model: 'Post', reason: 'their ids are taken' },
    '2 documents cannot go back to Post: their ids are taken',
  ],
  ARCHIVE_UNWRITABLE: [
    { place: 'file:old.bson.gz', reason: 'the disk is full' },
    'archive file:old.bson.gz cannot be written: the disk is full',
  ],
  ARCHIVE_DAMAGED: [{ reason: 'a copy is gone' }, 'the archive is damaged: a copy is gone'],
  FILE_FAILED: [
    { action: 'write', path: 'out.csv', reason: 'the disk is full' },
    'cannot write out.csv: the disk is full',
  ],
  FILE_REFUSED: [{ path: 'out.csv', reason: 'it is a folder' }, 'out.csv: it is a folder'],
  INPUT_INVALID: [{ path: 'in.csv', place: 'line 3', reason: 'two cells' }, 'in.csv, line 3: two cells'],
  SCRIPT_FAILED: [{ job: 'tidy', position: ' at line 3', reason: 'no' }, 'job "tidy" failed at line 3: no'],
  ENTRY_NOT_FOUND: [{ entry: 'e1' }, 'the audit has no entry e1'],
  REQUEST_INVALID: [{ part: 'query', issues: 'page: is required' }, 'the query is not valid: page: is required'],
  ROUTE_NOT_FOUND: [{ method: 'GET', path: '/x' }, 'there is nothing at GET /x'],
  PRECONDITION_FAILED: [
    { model: 'Post', id: 1, asked: '"3"' },
    'Post 1 is not at the version that If-Match names: "3"',
  ],
  METHOD_REFUSED: [{ method: 'PUT', path: '/x', allowed: 'GET' }, '/x does not take PUT'],
  BODY_TOO_LARGE: [{ most: 100 }, 'the body is larger than 100 bytes'],
  MEDIA_TYPE_REFUSED: [{ given: 'text/plain' }, 'the body is text/plain, and only JSON is taken'],
  USAGE: [{ reason: 'two formats at once' }, 'two formats at once'],
  UNKNOWN_COMMAND: [{ name: 'fnd' }, '"fnd" is not a command'],
  UNKNOWN_FLAG: [{ command: 'find', flag: '--limt' }, '`goose find` has no flag --limt'],
  CODE_FAILED: [{ name: 'TypeError', reason: 'x is no function' }, 'TypeError: x is no function'],
  READ_ONLY: [{ action: 'insert', reason: 'this is a copy' }, 'insert is refused: this is a copy'],
  UNKNOWN_CONNECTION: [{ name: 'prd' }, 'connection "prd" is not configured'],
  DECLINED: [{ action: 'deleting 3 posts' }, 'deleting 3 posts was declined'],
  CONSENT_NEEDED: [{ action: 'deleting 3 posts' }, 'deleting 3 posts needs consent'],
  NOT_AUTHORIZED: [{ reason: 'not authorized on shop' }, 'not authorized on shop'],
  TIMED_OUT: [{ reason: 'operation exceeded time limit' }, 'operation exceeded time limit'],
  DATABASE_REFUSED: [{ reason: 'bad value' }, 'bad value'],
  PROJECT_FAILED: [{ reason: 'no tenant is set' }, 'no tenant is set'],
  UNEXPECTED: [{ reason: 'x is undefined' }, 'x is undefined'],
  MODEL_LOAD_FAILED: [{ file: 'a.ts', position: ':1:2', reason: 'no' }, 'a.ts:1:2: no'],
}
/** Raised by work that is on its way; a test that meets one takes it out of here. */
const awaited = new Set<ErrorCode>(['ARCHIVE_DAMAGED', 'AUDIT_BROKEN', 'MODEL_LOAD_FAILED'])

const tests = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && /\.(txt|test\.ts)$/.test(entry.name) && entry.name !== 'errors.test.ts')
  .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

test('every error of the table is pinned', () => {
  expect(Object.keys({ ...met, ...elsewhere }).sort()).toEqual(
    errorTable()
      .map(({ code }) => code)
      .sort(),
  )
})

test.each(Object.entries(elsewhere))('%s is met by a test of its own', (code, [meta, sentence]) => {
  expect(new GooseError(code as ErrorCode, meta).message).toBe(sentence)
  const name = code.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())
  const isMet = tests.some(text => text.includes(code) || text.includes(`${name})`))
  expect(isMet || awaited.has(code as ErrorCode)).toBe(true)
})
