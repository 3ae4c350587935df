// Command tree: documents that lie within each other.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count, treeFlags } from '../shell/flags.ts'

export default class Tree extends GooseCommand<typeof Tree> {
  static override summary = 'Show the tree of a model.'
  static override examples = [
    '<%= config.bin %> tree Category --depth 2',
    "<%= config.bin %> tree Category 'Products > Electronics'",
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    node: Args.string({ ignoreStdin: true, description: 'where to begin: id, the end of it, or a path of labels' }),
  }
  static override flags = {
    ...treeFlags,
    depth: count({ min: 1, summary: 'Levels to show.', helpValue: 'N' }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Tree>): Promise<Answer> {
    const { treeOf } = await import('../shell/trees.ts')
    return treeOf(await workspace.model(args.model), args.node, flags)
  }
}
