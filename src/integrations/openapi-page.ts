// The OpenAPI document as a page for people: plain HTML, nothing loaded from elsewhere, no script.
import type { JsonSchema } from '../models/json-schema.ts'
import type { OpenApiDocument } from './openapi.ts'

/** Writes the page; `source` is where the document itself lies. */
export function openApiPage(document: OpenApiDocument, source: string): string {
  const { title, version, description } = document.info
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationText(method, path, operation)),
  )
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => block(name, schema))
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
<h1>${escaped(title)} <small>${escaped(version)}</small></h1>
${description ? `<p>${escaped(description)}</p>` : ''}
<p><a href="${escaped(source)}">${escaped(source)}</a></p>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>
`
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
summary{cursor:pointer;padding:.3rem 0}code,pre{font:14px/1.4 ui-monospace,monospace}
pre{background:#8881;padding:.7rem;overflow:auto}b{display:inline-block;width:4.5rem}td{padding:.1rem 1rem .1rem 0}`

function operationText(method: string, path: string, operation: JsonSchema): string {
  const { summary = '', parameters = [], requestBody, responses } = operation
  const title = `<b>${method.toUpperCase()}</b> <code>${escaped(path)}</code> ${escaped(String(summary))}`
  const rows = (parameters as readonly JsonSchema[]).map(parameterRow)
  return `<details><summary>${title}</summary>
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}
${requestBody ? block('Body', schemaIn(requestBody)) : ''}
${block('Answers', responses)}</details>`
}

function parameterRow({ name, in: place, required, schema }: JsonSchema): string {
  const cells = [name, required ? `${place}, required` : place, JSON.stringify(schema)]
  return `<tr>${cells.map(cell => `<td><code>${escaped(String(cell))}</code></td>`).join('')}</tr>`
}

function schemaIn(requestBody: unknown): unknown {
  const { content } = requestBody as { readonly content: Readonly<Record<string, { readonly schema: unknown }>> }
  return Object.values(content)[0]?.schema
}

function block(title: string, value: unknown): string {
  return `<details><summary>${escaped(title)}</summary><pre>${escaped(JSON.stringify(value, null, 2))}</pre></details>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`)
}
