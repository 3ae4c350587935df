// Compares the events that clients recorded with those a unified test expects.
import type { Document } from 'mongodb'
import type { Entities, RecordedEvent } from './entities.ts'
import { mismatch } from './matching.ts'
import type { ExpectedEvents } from './specification.ts'

/** Says which event differs from what is expected; undefined when all match. */
export function eventMismatch(expected: readonly ExpectedEvents[], entities: Entities): string | undefined {
  for (const list of expected) {
    const type = list.eventType ?? 'command'
    const recorded = entities.eventsOf(list.client).filter(event => event.type === type)
    const wrong = listMismatch(recorded, list, entities)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function listMismatch(
  recorded: readonly RecordedEvent[],
  { events, ignoreExtraEvents }: ExpectedEvents,
  entities: Entities,
): string | undefined {
  const names = recorded.map(({ fields, name }) => fields.commandName ?? name).join(', ')
  if (recorded.length < events.length || (recorded.length > events.length && ignoreExtraEvents !== true))
    return `${recorded.length} events instead of ${events.length}: ${names}`
  for (const [i, event] of events.entries()) {
    const [name, fields] = Object.entries(event)[0] as [string, Document]
    const actual = recorded[i]!
    const wrong =
      actual.name === name ? fieldsMismatch(actual.fields, fields, entities) : `is a ${actual.name}, not a ${name}`
    if (wrong !== undefined) return `event ${i + 1} (${names}): ${wrong}`
  }
  return undefined
}

function fieldsMismatch(actual: Document, expected: Document, entities: Entities): string | undefined {
  for (const name of ['commandName', 'databaseName']) {
    if (expected[name] !== undefined && actual[name] !== expected[name])
      return `${name} is ${actual[name]}, not ${expected[name]}`
  }
  if (expected.command !== undefined)
    return mismatch(withoutAddedTimeout(actual.command, expected.command), expected.command, entities)
  return expected.reply === undefined ? undefined : mismatch(actual.reply, expected.reply, entities)
}

/** Commits that are tried again get a time limit from this driver, which the specification no longer asks for. */
function withoutAddedTimeout(command: Document, expected: Document): Document {
  const { writeConcern } = command
  const asked = expected.writeConcern?.wtimeout !== undefined
  if (writeConcern?.wtimeout === undefined || asked) return command
  const { wtimeout: _, ...others } = writeConcern
  return { ...command, writeConcern: others }
}
