// Command breadcrumbs: the way from the root of a tree to a document.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { treeFlags, usage } from '../shell/flags.ts'

export default class Breadcrumbs extends GooseCommand<typeof Breadcrumbs> {
  static override summary = 'Show the way from the root of a tree to a document.'
  static override examples = [
    '<%= config.bin %> breadcrumbs Category 192a3b',
    "<%= config.bin %> breadcrumbs Category 'Products > Electronics > Laptops' --json",
    '<%= config.bin %> breadcrumbs Category --all',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    node: Args.string({ ignoreStdin: true, description: 'id, the end of it, or a path of labels' }),
  }
  static override flags = {
    ...treeFlags,
    all: Flags.boolean({ summary: 'The way to every document.' }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Breadcrumbs>): Promise<Answer> {
    if ((args.node === undefined) !== (flags.all === true))
      throw usage('breadcrumbs are of one document or of all', 'give an id, a path of labels, or --all')
    const { allBreadcrumbs, breadcrumbsOf } = await import('../shell/breadcrumbs.ts')
    const loaded = await workspace.model(args.model)
    return args.node === undefined ? allBreadcrumbs(loaded, flags) : breadcrumbsOf(loaded, args.node, flags)
  }
}
