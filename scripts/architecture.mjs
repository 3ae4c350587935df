// Writes ARCHITECTURE.md's list of files from the first line of each file of src; --check only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'ARCHITECTURE.md')
const [begin, end] = ['<!-- files: made by scripts/architecture.mjs -->', '<!-- /files -->']
const order = ['commands', 'shell', 'operations', 'runtime', 'models', 'integrations', 'embedded']

const text = readFileSync(page, 'utf8')
const renewed = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${fileList()}\n${text.slice(text.indexOf(end))}`

if (!process.argv.includes('--check')) writeFileSync(page, renewed)
else if (text !== renewed) {
  console.error('ARCHITECTURE.md is not current: run `npm run pages`')
  process.exitCode = 1
}

function fileList() {
  return [...groupByFolder(files())]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([folder, paths]) => [`### src${folder && `/${folder}`}`, '', ...paths.map(line), ''].join('\n'))
    .join('\n')
}

function files() {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => file.replaceAll('\\', '/'))
    .sort()
}

function groupByFolder(paths) {
  const folders = new Map()
  for (const path of paths) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), path])
  return folders
}

function folderOf(path) {
  return path.split('/').slice(0, -1).join('/')
}

function rank(folder) {
  return order.indexOf(folder.split('/')[0])
}

function line(path) {
  const first = readFileSync(join(root, 'src', path), 'utf8').split('\n', 1)[0]
  return `- \`${path.split('/').at(-1)}\` ${first.replace(/^\/\/ /, '')}`
}
