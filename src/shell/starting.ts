// Writes the first files of a project; never over one that is there.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Answer } from './answer.ts'
import { usage } from './flags.ts'

/** Writes goose.config.ts and a model into a folder, and says what to type next. */
export function startProject(folder: string, model: string, program: string): Answer {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(model))
    throw usage(`"${model}" is no name for a model`, 'name it like a class: User, BlogPost')
  const files = { 'goose.config.ts': config, [`models/${fileNameOf(model)}.ts`]: modelText(model) }
  const results = Object.entries(files).map(([name, text]) => written(join(folder, name), text, folder))
  const next = [
    `${program} indexes sync`,
    `${program} insert ${model} --set name=Ada --set email=ada@example.com`,
    `${program} find ${model}`,
  ]
  const text = [
    ...results.map(({ file, state }) => `${state.padEnd(8)} ${file}`),
    '',
    'Next:',
    ...next.map(line => `  ${line}`),
  ]
  return { kind: 'value', data: { files: results, next }, isText: true, text: text.join('\n') }
}

/** Writes a file where there is none, with the folders it is in. */
export function written(
  path: string,
  text: string,
  folder: string,
): { readonly file: string; readonly state: 'written' | 'kept' } {
  const file = relative(folder, path)
  if (existsSync(path)) return { file, state: 'kept' }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { flag: 'wx' })
  return { file, state: 'written' }
}

/** Gives the name of a model's file, without its ending: `BlogPost` -> `blog-post`. */
export function fileNameOf(model: string): string {
  return model.replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase()
}

const config = `import { defineConfig } from 'goose-odm'

// Without a connection, data is kept in .goose/data by the embedded database.
export default defineConfig({
  models: 'models/*.ts',
})
`

function modelText(name: string): string {
  return `import { model, timestamps, z } from 'goose-odm'

export class ${name} extends model(
  '${name}',
  {
    name: z.string().min(1),
    email: z.email(),
  },
  { plugins: [timestamps()], indexes: [{ key: { email: 1 }, unique: true }] },
) {}
`
}
