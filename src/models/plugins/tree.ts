// The tree plugin: documents below documents, by a reference to the parent.
import { definePlugin, type Plugin } from '../plugin.ts'

/** A document in a tree, with those below it. */
export interface TreeNode<D> {
  readonly document: D
  readonly label: string
  readonly children: readonly TreeNode<D>[]
}

/** A branch whose parent is gone. */
export interface Orphan<D> extends TreeNode<D> {
  readonly missing: unknown
}

/** The roots of a collection, and beside them what is below none. */
export interface Forest<D> extends ReadonlyArray<TreeNode<D>> {
  readonly orphans: readonly Orphan<D>[]
  /** Loops: each goes upward from parent to parent. */
  readonly cycles: readonly (readonly D[])[]
}

/** A part of the way to a document. */
export interface Crumb {
  readonly _id: unknown
  readonly label: string
}

/** The way to a document, from its root. */
export interface Breadcrumbs {
  readonly items: readonly Crumb[]
  /** The parent that is gone, where the way begins too late. */
  readonly missing: unknown
  /** Whether the way goes in a circle, so that there is no root. */
  readonly isCycle: boolean
  /** The circle, from parent to parent. */
  readonly cycle: readonly Crumb[] | undefined
  /** Gives the labels as one line: `Products > Electronics > Laptops`. */
  text(separator?: string): string
}

/** Documents found above or below another, with what is wrong with the tree there. */
export interface Branch<D> extends ReadonlyArray<D> {
  /** The parent that is gone. */
  readonly missing: unknown
  /** The documents of a loop. */
  readonly cycle: readonly D[] | undefined
}

interface TreeMethods {
  /** Finds the documents right below it, by label. */
  children(): Promise<this[]>
  /** Finds those above it, the root first, with one command. A loop or a missing parent is said by the result. */
  ancestors(): Promise<Branch<this>>
  /** Finds all below it, the nearer first, with one command. */
  descendants(options?: { readonly depth?: number }): Promise<Branch<this>>
  /** Gives the way from its root to itself. */
  breadcrumbs(): Promise<Breadcrumbs>
}

interface TreeStatics {
  /** Finds the documents without a parent, by label. */
  roots<C extends abstract new (...input: never) => unknown>(this: C): Promise<InstanceType<C>[]>
  /** Reads all documents as trees; `orphans` and `cycles` of the result hold what is below no root. */
  tree<C extends abstract new (...input: never) => unknown>(this: C): Promise<Forest<InstanceType<C>>>
}

/** Makes a model a tree, by the reference to the parent and the field to show; adds an index on the parent.
 *
 * ```ts
 * class Topic extends model('Topic', { name: z.string(), parent: ref(() => Topic).nullable().default(null) },
 *   { plugins: [tree({ parent: 'parent', label: 'name' })] }) {}
 * const music = await Topic.create({ name: 'Music' })
 * const jazz = await Topic.create({ name: 'Jazz', parent: music })
 * console.assert((await jazz.breadcrumbs()).text() === 'Music > Jazz')
 * ```
 */
export function tree(options: {
  readonly parent: string
  readonly label: string
}): Plugin<Record<never, never>, TreeStatics, TreeMethods> {
  const plugin = definePlugin({
    name: 'tree',
    indexes: [{ key: { [options.parent]: 1 } }],
    settings: { tree: { parent: options.parent, label: options.label } },
  })
  // Statics and methods ask the database: the runtime gives them to every model with these settings.
  return plugin as never
}
