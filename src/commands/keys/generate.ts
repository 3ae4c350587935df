// Command keys generate: a new key for encrypted fields.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class KeysGenerate extends GooseCommand<typeof KeysGenerate> {
  static override summary = 'Make a key for encrypted fields, as GOOSE_KEYS takes it; nothing is stored.'
  static override examples = [
    '<%= config.bin %> keys generate > new-key.txt',
    '<%= config.bin %> keys generate --id 2027',
  ]
  static override flags = {
    id: Flags.string({ summary: 'Id of the key; the day otherwise.', helpValue: 'ID' }),
  }

  async answer({ flags }: Asked<typeof KeysGenerate>): Promise<Answer> {
    const { newKey } = await import('../../shell/key-ring.ts')
    return newKey(flags.id)
  }
}
