// Asks the embedded database and a MongoDB server the same calls; both must answer alike, or the table says why not.
import { describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'
import { answerTo } from './asking.ts'
import { useEmbedded } from './embedded.ts'
import { tables } from './tables.ts'

const PATIENCE = 600_000
const reference = process.env.GOOSE_TEST_URI

describe('the documented answers', () => {
  const embedded = useEmbedded()
  for (const [table, calls] of tables())
    test(`the embedded database gives those of the table ${table}`, { timeout: PATIENCE }, async () => {
      const wrong: string[] = []
      for (const call of calls) {
        if (call.answer === undefined) continue
        const answer = await answerTo(embedded.db, call)
        if (answer !== call.answer) wrong.push(`${table}:${call.line} ${call.text}\n  answered ${answer}`)
      }
      expect(wrong.join('\n')).toBe('')
    })
})

test.skipIf(reference !== undefined)('the same calls are asked of a server: GOOSE_TEST_URI names none', context => {
  context.skip()
})

describe.skipIf(reference === undefined)('a MongoDB server', () => {
  const embedded = useEmbedded()
  const server = useDatabase()
  for (const [table, calls] of tables())
    test(`answers the table ${table} as the embedded database does`, { timeout: PATIENCE }, async () => {
      const different: string[] = []
      for (const call of calls) {
        if (call.excuse !== undefined) continue
        const [ours, theirs] = [await answerTo(embedded.db, call), await answerTo(server.db, call)]
        if (ours !== theirs) different.push(`${table}:${call.line} ${call.text}\n  ours ${ours}\n  theirs ${theirs}`)
      }
      expect(different.join('\n')).toBe('')
    })
})
