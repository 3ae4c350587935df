// What flags or a policy say of the documents to archive or purge, and whose consent that is.

import { parseDuration } from '../models/duration.ts'
import { suggestion } from '../models/nearest.ts'
import type { PolicyConfig } from '../models/policy.ts'
import type { Selection } from '../operations/retention.ts'
import type { ConsentFlags } from './consent.ts'
import { usage } from './flags.ts'
import type { LoadedModel } from './models.ts'
import { filtered } from './question.ts'
import type { RunningFlags } from './running.ts'
import type { Workspace } from './workspace.ts'

/** The flags that archive and purge share. */
export interface RetentionFlags extends RunningFlags, ConsentFlags {
  readonly policy?: string | undefined
  readonly 'older-than'?: number | undefined
  readonly by?: string | undefined
  readonly filter?: string | undefined
  readonly where?: readonly string[] | undefined
  readonly deleted?: 'exclude' | 'include' | 'only' | undefined
  readonly all?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
}

/** Documents to take, as a model and a selection; the token is what consents to a policy. */
export interface Retention {
  readonly loaded: LoadedModel
  readonly selection: Selection
  readonly policy?: PolicyConfig
  readonly standing?: string
}

/** Reads what is to be taken: by a model and flags, or by a policy and nothing else. */
export async function retentionOf(
  kind: 'archive' | 'purge',
  { model, flags }: { readonly model: string | undefined; readonly flags: RetentionFlags },
  workspace: Workspace,
): Promise<Retention> {
  if (flags.policy !== undefined) return byPolicy(kind, { name: flags.policy, model, flags }, workspace)
  if (model === undefined) throw usage(`${kind} of what?`, 'name a model, or a policy with --policy')
  const loaded = await workspace.model(model)
  const { state } = await filtered(loaded.model.find(), flags)
  const { by, all } = flags
  const selection = { definition: loaded.model.definition, plan: state, olderThan: flags['older-than'], by, all }
  return { loaded, selection }
}

interface Named {
  readonly name: string
  readonly model: string | undefined
  readonly flags: RetentionFlags
}

// A policy is consent for exactly what it says: nothing on the command line may widen or change it.
const fixed = ['older-than', 'by', 'filter', 'where', 'deleted', 'all', 'to', 'verify', 'no-delete'] as const

async function byPolicy(kind: 'archive' | 'purge', named: Named, workspace: Workspace): Promise<Retention> {
  const { name, model, flags } = named
  const given = model ?? fixed.map(flag => flagGiven(flags, flag)).find(flag => flag !== undefined)
  if (given !== undefined) throw usage(`${given} and --policy do not go together`, 'the policy says it all')
  const { policies = {} } = (await workspace.config()).project
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined
  if (!policy) throw usage(`there is no policy "${name}"`, suggestion(name, Object.keys(policies)))
  const rule = policy[kind]
  if (!rule) throw usage(`policy "${name}" is not for ${kind}`, `it has no "${kind}"`)
  const olderThan = parseDuration(rule.olderThan)
  if (olderThan === undefined)
    throw usage(`policy "${name}": "${rule.olderThan}" is no length of time`, 'write it as 365d')
  const loaded = await workspace.model(policy.model)
  const query = loaded.model.find(policy.where ?? {})
  const { state } = await filtered(query, { deleted: policy.deleted })
  const selection = { definition: loaded.model.definition, plan: state, olderThan, by: rule.by }
  return { loaded, selection, policy, standing: `policy:${name}` }
}

function flagGiven(flags: object, name: string): string | undefined {
  const value = (flags as Readonly<Record<string, unknown>>)[name]
  return value === undefined || value === false ? undefined : `--${name}`
}
