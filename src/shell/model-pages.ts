// Models as pages for people: one model field by field, and all of them as a picture.
import type { FieldDescription } from '../models/describe.ts'
import type { Answer, Row } from './answer.ts'
import { findModel, type LoadedModel } from './models.ts'

/** Answers the fields of a model, with its references and indexes below. */
export function showModel(models: readonly LoadedModel[], name: string): Answer {
  const { description } = findModel(models, name)
  const rows = description.fields.flatMap(fieldRows)
  const columns = ['path', 'type', 'required', 'notes'].map(path => ({ path, head: path.toUpperCase() }))
  const indexes = description.indexes.map(index => `index ${keyText(index.key)}${index.unique ? ' unique' : ''}`)
  const footer = [
    `${description.name} is stored in ${description.collection}, declared in ${description.location}`,
    ...(description.plugins.length > 0 ? [`plugins: ${description.plugins.join(', ')}`] : []),
    ...indexes,
    ...neighbours(models, description.name),
  ]
  return { kind: 'rows', columns, rows, footer: () => footer }
}

/** Answers the models and their references, as text or in Mermaid's words. */
export function drawModels(models: readonly LoadedModel[], format: 'text' | 'mermaid'): Answer {
  const edges = edgesOf(models)
  const data = { models: models.map(model => model.name), references: edges }
  return {
    kind: 'value',
    data,
    isText: true,
    text: format === 'mermaid' ? mermaid(models, edges) : drawing(models, edges),
  }
}

interface Edge {
  readonly from: string
  readonly path: string
  readonly to: string
  readonly many: boolean
  readonly required: boolean
}

/** Draws what a model refers to, and what refers to it. */
function neighbours(models: readonly LoadedModel[], name: string): readonly string[] {
  const edges = edgesOf(models)
  const arrows = [
    ...edges
      .filter(({ from }) => from === name)
      .map(({ path, to, many }) => ({ path, arrow: many ? '──»' : '──▸', other: to })),
    ...edges
      .filter(({ to }) => to === name)
      .map(({ path, from, many }) => ({ path, arrow: many ? '«──' : '◂──', other: from })),
  ]
  const widest = Math.max(0, ...arrows.map(({ path }) => path.length))
  const lines = arrows.map(
    ({ path, arrow, other }, at) =>
      `${at === arrows.length - 1 ? '└─' : '├─'} ${path.padEnd(widest)} ${arrow} ${other}`,
  )
  return lines.length > 0 ? [name, ...lines] : []
}

function fieldRows(field: FieldDescription): readonly Row[] {
  const notes = [
    ...(field.ref ? [`→ ${field.ref.model}${field.ref.by === '_id' ? '' : ` by ${field.ref.by}`}`] : []),
    ...(field.values ? [field.values.join(' | ')] : []),
    ...(field.hasDefault ? ['default'] : []),
    ...(['nullable', 'secret', 'transient', 'encrypted'] as const).filter(mark => field[mark]),
  ]
  const row = { path: field.path, type: field.type, required: field.required, notes: notes.join(', ') }
  return [row, ...(field.fields ?? []).flatMap(fieldRows)]
}

function keyText(key: Readonly<Record<string, unknown>>): string {
  return Object.entries(key)
    .map(([path, way]) => (way === 1 ? path : way === -1 ? `-${path}` : `${path} (${String(way)})`))
    .join(', ')
}

function edgesOf(models: readonly LoadedModel[]): readonly Edge[] {
  return models.flatMap(({ name, description }) =>
    referencesOf(description.fields).map(edge => ({ from: name, ...edge })),
  )
}

/** Gives the references of a model, also those inside its objects and lists. */
export function referencesOf(fields: readonly FieldDescription[]): readonly Omit<Edge, 'from'>[] {
  return fields.flatMap(field => {
    const own =
      field.ref && !field.fields
        ? [
            {
              path: field.path,
              to: field.ref.model,
              many: field.type.endsWith('[]'),
              required: field.required && !field.nullable,
            },
          ]
        : []
    return [...own, ...referencesOf(field.fields ?? [])]
  })
}

function mermaid(models: readonly LoadedModel[], edges: readonly Edge[]): string {
  const entities = models.map(({ name, description }) => {
    const lines = description.fields.map(
      field => `    ${field.type.replaceAll('[]', 'List')} ${field.path.replace(/^_/, '')}`,
    )
    return `  ${name} {\n${lines.join('\n')}\n  }`
  })
  const relations = edges.map(({ from, path, to, many, required }) => {
    return `  ${from} }o--${many ? 'o{' : required ? '||' : 'o|'} ${to} : "${path}"`
  })
  return ['erDiagram', ...entities, ...relations].join('\n')
}

function drawing(models: readonly LoadedModel[], edges: readonly Edge[]): string {
  const lines = models.flatMap(({ name }) => {
    const own = edges.filter(edge => edge.from === name)
    const widest = Math.max(0, ...own.map(edge => edge.path.length))
    const arrows = own.map((edge, index) => {
      const corner = index === own.length - 1 ? '└─' : '├─'
      return `${corner} ${edge.path.padEnd(widest)} ${edge.many ? '──»' : '──▸'} ${edge.to}${edge.required || edge.many ? '' : ' (may be missing)'}`
    })
    return [name, ...arrows]
  })
  return lines.join('\n')
}
