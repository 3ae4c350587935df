// Command breadcrumbs: the way from the root of a tree to a document.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'

export default class Breadcrumbs extends GooseCommand<typeof Breadcrumbs> {
  static override summary = 'Show the way from the root of a tree to a document.'
  static override examples = [
    '<%= config.bin %> breadcrumbs Category 192a3b',
    "<%= config.bin %> breadcrumbs Category 'Products > Electronics > Laptops' --json",
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    node: Args.string({ required: true, ignoreStdin: true, description: 'id, the end of it, or a path of labels' }),
  }
  static override flags = {
    parent: Flags.string({
      summary: 'Field that refers to the parent; found by itself where there is one.',
      helpValue: 'PATH',
    }),
    label: Flags.string({ summary: 'Field to show; name, title, label or slug otherwise.', helpValue: 'PATH' }),
    sep: Flags.string({ summary: 'What stands between labels.', helpValue: 'TEXT' }),
  }

  async answer({ args, flags, workspace }: Asked<typeof Breadcrumbs>): Promise<Answer> {
    const { breadcrumbsOf } = await import('../shell/trees.ts')
    return breadcrumbsOf(await workspace.model(args.model), args.node, flags)
  }
}
