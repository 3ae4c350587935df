// Writes docs/errors.md's table from src/error-table.ts; --check only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'docs/errors.md')
const [begin, end] = ['<!-- errors: made by scripts/errors-page.mjs -->', '<!-- /errors -->']

const { errorTable } = await load('src/errors.ts')
const text = readFileSync(page, 'utf8')
const renewed = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${table(errorTable())}\n\n${text.slice(text.indexOf(end))}`

if (!process.argv.includes('--check')) writeFileSync(page, renewed)
else if (text !== renewed) {
  console.error('docs/errors.md is not current: run `npm run pages`')
  process.exitCode = 1
}

/** Loads a TypeScript file on any Node, since the oldest one supported does not strip types. */
async function load(file) {
  const options = { entryPoints: [join(root, file)], bundle: true, write: false, format: 'esm', platform: 'node' }
  const { outputFiles } = await build(options)
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

function table(entries) {
  const rows = entries.map(
    ({ code, message, hint, status, exit }) =>
      `| \`${code}\` | ${cell(message)} | ${cell(hint)} | ${status} | ${exit} |`,
  )
  return ['| code | sentence | what to do next | HTTP | exit |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

function cell(template) {
  return template.replaceAll('|', '\\|')
}
