// Command models diagram: models and their references as a picture.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ModelsDiagram extends GooseCommand<typeof ModelsDiagram> {
  static override summary = 'Draw the models and their references, as text or for Mermaid.'
  static override examples = ['<%= config.bin %> models diagram', '<%= config.bin %> models diagram --format mermaid']
  static override flags = {
    format: Flags.option({ options: ['text', 'mermaid'] as const, default: 'text', summary: 'Kind of picture.' })(),
  }

  async answer({ flags, workspace }: Asked<typeof ModelsDiagram>): Promise<Answer> {
    const { drawModels } = await import('../../shell/model-pages.ts')
    return drawModels(await workspace.models(), flags.format)
  }
}
