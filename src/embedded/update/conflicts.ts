// Refuses updates that would change one place twice.
import { CommandError } from '../errors.ts'
import { placeholderName } from './update-path.ts'

type Trie = Map<string, Trie | 'leaf'>

/** Notes the paths that are changed; a path that repeats, contains or lies below a noted one is refused. */
export class ChangedPaths {
  readonly root: Trie = new Map()

  add(parts: readonly string[]): void {
    let node = this.root
    for (let depth = 0; depth < parts.length; depth++) {
      const part = parts[depth]!
      if (mixes(node, part)) throw conflict(parts, depth)
      const next = node.get(part)
      const isLast = depth === parts.length - 1
      if (next === 'leaf' || (isLast && next !== undefined)) throw conflict(parts, depth + 1)
      if (isLast) node.set(part, 'leaf')
      else node = next ?? branch(node, part)
    }
  }
}

/** Placeholders for many elements cannot stand beside the names of single ones. */
function mixes(node: Trie, part: string): boolean {
  const first = node.keys().next().value
  return first !== undefined && (placeholderName(first) === undefined) !== (placeholderName(part) === undefined)
}

function conflict(parts: readonly string[], depth: number): CommandError {
  return new CommandError(
    40,
    `Updating the path '${parts.join('.')}' would create a conflict at '${parts.slice(0, depth).join('.')}'`,
  )
}

function branch(node: Trie, part: string): Trie {
  const created: Trie = new Map()
  node.set(part, created)
  return created
}
