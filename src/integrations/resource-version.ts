// Versions over HTTP: a document tells its own as ETag, and a change may ask for one by If-Match.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import type { RouteRequest } from './route.ts'
import type { AnyDocument } from './shaped-model.ts'

/** Gives the headers that tell the version of a document; none where its model counts none. */
export function versionHeaders(definition: ModelDefinition, document: AnyDocument): Readonly<Record<string, string>> {
  const tag = tagOf(definition, document)
  return tag === undefined ? {} : { etag: tag }
}

/** Throws `PRECONDITION_FAILED` when a request asks for another version than the document has. */
export function checkVersion(definition: ModelDefinition, document: AnyDocument, request: RouteRequest): void {
  const asked = request.header('if-match')
  if (asked === undefined || asked.trim() === '*') return
  const tag = tagOf(definition, document)
  if (tag !== undefined && asked.split(',').some(each => each.trim().replace(/^W\//, '') === tag)) return
  throw new GooseError('PRECONDITION_FAILED', { model: definition.name, id: String(document._id), asked })
}

function tagOf(definition: ModelDefinition, document: AnyDocument): string | undefined {
  const { version } = settingsOf(definition)
  return version === undefined ? undefined : `"${String(document[version])}"`
}
