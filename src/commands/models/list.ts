// Command models list: the models of the project.
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ModelsList extends GooseCommand<typeof ModelsList> {
  static override summary = 'List the models of the project.'
  static override examples = ['<%= config.bin %> models', '<%= config.bin %> models list --output json']

  async answer({ workspace }: Asked<typeof ModelsList>): Promise<Answer> {
    const { referencesOf } = await import('../../shell/model-pages.ts')
    const models = await workspace.models()
    const rows = models.map(({ description }) => ({
      name: description.name,
      collection: description.collection,
      fields: description.fields.length,
      references: referencesOf(description.fields).map(({ path, to }) => `${path} → ${to}`),
      plugins: description.plugins,
      file: description.location,
    }))
    const columns = Object.keys(rows[0] ?? { name: '' }).map(path => ({ path, head: path.toUpperCase() }))
    return { kind: 'rows', columns, rows, footer: () => [`${rows.length} ${rows.length === 1 ? 'model' : 'models'}`] }
  }
}
