// Policies: rules of retention that a reviewed configuration consents to, and cron calls by their name.

/** A rule what becomes of old documents: archived, or purged. */
export interface PolicyConfig {
  /** The name of the model. */
  readonly model: string
  /** Narrows it further, as a filter of the model. */
  readonly where?: Readonly<Record<string, unknown>>
  /** What to do with documents that are marked as deleted; they are left alone otherwise. */
  readonly deleted?: 'exclude' | 'include' | 'only'
  readonly archive?: ArchivePolicy
  readonly purge?: PurgePolicy
}

/** What is archived, and where to. */
export interface ArchivePolicy {
  /** How old documents must be: `365d`. */
  readonly olderThan: string
  /** The path that says how old they are. */
  readonly by?: string
  /** `coll:NAME`, `db:NAME`, `conn:NAME` or `file:PATH`. */
  readonly to?: string
  readonly verify?: 'bytes' | 'count'
}

/** What is removed for good. */
export interface PurgePolicy {
  readonly olderThan: string
  readonly by?: string
}

/** Says what is wrong with the shape of policies, if anything is. */
export function policyFault(policies: unknown): string | undefined {
  if (policies === undefined) return undefined
  if (typeof policies !== 'object' || policies === null) return '"policies" is an object of named policies'
  for (const [name, policy] of Object.entries(policies)) {
    const reason = faultOf(policy)
    if (reason) return `policy "${name}" ${reason}`
  }
  return undefined
}

const keys = new Set(['model', 'where', 'deleted', 'archive', 'purge'])
const archiveKeys = new Set(['olderThan', 'by', 'to', 'verify'])
const purgeKeys = new Set(['olderThan', 'by'])

// A word that is misspelt here would delete more than was meant.
function faultOf(policy: unknown): string | undefined {
  if (typeof policy !== 'object' || policy === null) return 'is no object'
  const { model, archive, purge, deleted } = policy as PolicyConfig
  if (typeof model !== 'string') return 'names no model'
  if (!archive === !purge) return 'needs either "archive" or "purge"'
  if (deleted !== undefined && !['exclude', 'include', 'only'].includes(deleted))
    return 'has "deleted" that is not exclude, include or only'
  const rule = archive ?? purge
  if (typeof rule?.olderThan !== 'string') return 'needs "olderThan", such as "365d"'
  const unknown = [...strange(policy, keys), ...strange(rule, archive ? archiveKeys : purgeKeys)][0]
  return unknown === undefined ? undefined : `has "${unknown}", which means nothing`
}

function strange(value: object, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(value).filter(key => !known.has(key))
}
