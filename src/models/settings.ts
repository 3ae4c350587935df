// What plugins tell the runtime about a model.
import type { ModelDefinition } from './definition.ts'
import type { AuditSettings } from './plugins/audit.ts'
import type { SoftDeleteSettings } from './plugins/soft-delete.ts'

/** The settings that the runtime knows. */
export interface PluginSettings {
  readonly softDelete?: SoftDeleteSettings
  readonly audit?: AuditSettings
  /** The field that counts writes. */
  readonly version?: string
  /** The field that holds when a document was changed last. */
  readonly updatedAt?: string
  readonly createdAt?: string
  readonly tree?: { readonly parent: string; readonly label: string }
}

const known = new WeakMap<ModelDefinition, PluginSettings>()

/** Gives the settings of all plugins of a model. */
export function settingsOf(definition: ModelDefinition): PluginSettings {
  const there = known.get(definition)
  if (there) return there
  const settings: PluginSettings = Object.assign({}, ...definition.plugins.map(plugin => plugin.settings ?? {}))
  known.set(definition, settings)
  return settings
}
