// Spans of OpenTelemetry, by its conventions for databases, where the program has it and a tracer is registered.
import type { Span } from '@opentelemetry/api'
import type { ModelDefinition } from '../models/definition.ts'

/** The command a span tells of. */
export interface Traced {
  readonly definition: ModelDefinition
  readonly operation: string
  /** The filter with every value replaced by `?`. */
  readonly shape: () => unknown
}

/** Runs a command inside a span; without OpenTelemetry it just runs. */
export function traced<T>(about: Traced, act: () => Promise<T>): Promise<T> {
  return isRegistered() ? loaded().then(api => (api ? inSpan(api, about, act) : act())) : act()
}

function inSpan<T>(api: Api, about: Traced, act: () => Promise<T>): Promise<T> {
  const { collection } = about.definition
  const attributes = {
    'db.system.name': 'mongodb',
    'db.collection.name': collection,
    'db.operation.name': about.operation,
    'db.query.summary': `${about.operation} ${collection}`,
    'db.query.text': JSON.stringify(about.shape()),
    'goose.model': about.definition.name,
  }
  const options = { kind: api.SpanKind.CLIENT, attributes }
  return api.trace
    .getTracer('goose-odm')
    .startActiveSpan(`${about.operation} ${collection}`, options, span => ended(span, act, api.SpanStatusCode.ERROR))
}

async function ended<T>(span: Span, act: () => Promise<T>, failed: number): Promise<T> {
  try {
    const result = await act()
    if (Array.isArray(result)) span.setAttribute('db.response.returned_rows', result.length)
    return result
  } catch (error) {
    // The message of an error may hold values; its kind does not.
    const { name, code } = error as { readonly name?: string; readonly code?: unknown }
    span.setAttribute('error.type', String(name ?? 'Error'))
    if (code !== undefined) span.setAttribute('db.response.status_code', String(code))
    span.setStatus({ code: failed })
    throw error
  } finally {
    span.end()
  }
}

// Every copy of the API meets in this place; asking for it costs nothing where nobody traces.
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

function isRegistered(): boolean {
  return (globalThis as { [REGISTERED]?: { readonly trace?: unknown } })[REGISTERED]?.trace !== undefined
}

type Api = typeof import('@opentelemetry/api')

let loading: Promise<Api | undefined> | undefined

function loaded(): Promise<Api | undefined> {
  loading ??= import('@opentelemetry/api').catch(() => undefined)
  return loading
}
