// The class that reads the archive of a model: the same fields and methods, another collection.
import type { ModelDefinition } from '../models/definition.ts'

/** Where an archive lies; what is left out is as for the model itself, and its collection ends in `_archive`. */
export interface ArchivePlace {
  readonly collection?: string
  readonly database?: string
  /** The alias of the connection. */
  readonly connection?: string
}

/** What is asked of a class here. */
interface Extensible {
  readonly name: string
  readonly definition: ModelDefinition
}

const classes = new WeakMap<object, Map<string, unknown>>()

/** Gives the collection that a model is archived to when nothing else is said. */
export function archiveCollection(definition: ModelDefinition): string {
  return `${definition.collection}_archive`
}

/** Gives the class whose documents lie in the archive of a model: they are changed and deleted there. */
export function archiveClass<C extends Extensible>(model: C, place: ArchivePlace = {}): C {
  const made = classes.get(model) ?? new Map<string, unknown>()
  classes.set(model, made)
  const { collection = archiveCollection(model.definition), database, connection } = place
  const key = JSON.stringify([collection, database, connection])
  const there = made.get(key)
  if (there) return there as C
  const archive = extended(model, {
    ...model.definition,
    collection,
    ...(database === undefined ? {} : { database }),
    ...(connection === undefined ? {} : { connection }),
    archiveOf: model.definition,
  })
  made.set(key, archive)
  return archive
}

/** Gives the class of a variant for documents of an archive: the variant's archive, at the same place. */
export function sameArchive<C extends Extensible>(definition: ModelDefinition, variant: C): C {
  if (!definition.archiveOf) return variant
  const { collection, connection, database } = definition
  return archiveClass(variant, { collection, connection, ...(database === undefined ? {} : { database }) })
}

/** Gives the class that an archive's class was made of; of any other, itself. */
export function livingClass(model: Partial<Extensible>): object {
  return model.definition?.archiveOf ? Object.getPrototypeOf(model) : model
}

function extended<C extends Extensible>(model: C, definition: ModelDefinition): C {
  const Base = model as unknown as new (...input: never[]) => object
  const made = class extends Base {
    static readonly definition = Object.freeze(definition)
  }
  Object.defineProperty(made, 'name', { value: model.name })
  return made as unknown as C
}
