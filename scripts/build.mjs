// Builds dist/: the library file to file, the command line and the embedded database as bundles that V8 can cache.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

/** Packages that stay outside: native code, the compiler of model files, and what the driver takes only if present. */
const external = [
  'jiti',
  'typescript',
  'fastify',
  '@opentelemetry/api',
  'kerberos',
  'snappy',
  'socks',
  'aws4',
  'gcp-metadata',
  '@mongodb-js/zstd',
  '@aws-sdk/credential-providers',
  'mongodb-client-encryption',
]

/** Of lmdb only the native part stays outside: the rest is cached with the bundle, and the search for the native part
 * took longer than all else at the start. Documents are bytes here, so msgpackr needs no native part of its own. */
const lmdbInside = {
  name: 'lmdb-inside',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^lmdb$/ }, ({ kind, importer }) =>
      kind === 'require-resolve' || importer.endsWith('lmdb-binding.cjs')
        ? { external: true }
        : { path: require.resolve('lmdb') },
    )
    onResolve({ filter: /^node-gyp-build-optional-packages$/, namespace: 'file' }, () => ({
      path: join(root, 'scripts/lmdb-binding.cjs'),
    }))
    onResolve({ filter: /^msgpackr-extract$/ }, () => ({ path: 'msgpackr-extract', namespace: 'nothing' }))
    onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: 'module.exports = undefined', loader: 'js' }))
  },
}

/** The driver is CommonJS: each file that imports it would get a copy of its two hundred names, as getters. They are
 * taken once, as constants. */
const driverOnce = {
  name: 'driver-once',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^mongodb$/ }, ({ kind, importer }) => {
      if (importer.includes('node_modules') || kind === 'require-call') return undefined
      return kind === 'entry-point' ? undefined : { path: 'mongodb', namespace: 'driver' }
    })
    onLoad({ filter: /./, namespace: 'driver' }, () => ({
      contents: [
        `const driver = require(${JSON.stringify(require.resolve('mongodb'))})`,
        ...Object.keys(require('mongodb')).map(name => `export const ${name} = driver.${name}`),
      ].join('\n'),
      resolveDir: root,
    }))
  },
}

/** As CommonJS: only scripts can carry V8's code cache on Node 20. */
const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  external,
  supported: { 'dynamic-import': false },
  minifyWhitespace: true,
  minifySyntax: true,
  write: false,
  plugins: [lmdbInside],
}

/** Writes a bundle of ASCII only: V8 keeps such a text in half the memory, and it is read several times as fast. */
async function bundle({ outfile, ...options }) {
  const { outputFiles } = await build({ ...bundling, ...options, outfile })
  const text = outputFiles[0].text.replace(
    /[^\0-\x7f]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  mkdirSync(dirname(outfile), { recursive: true })
  const fresh = `${outfile}.${process.pid}`
  writeFileSync(fresh, text)
  renameSync(fresh, outfile)
}

/** Prompts are needed by few commands and are large, so they lie in a file of their own beside the bundle. */
const promptsApart = {
  name: 'prompts-apart',
  setup: ({ onResolve }) => onResolve({ filter: /^inquirer$/ }, () => ({ path: './prompts.cjs', external: true })),
}

if (process.argv[1] === import.meta.filename) {
  const only = process.argv[2]
  if (only !== '--cli') {
    buildLibrary()
    await bundleEmbedded()
  }
  if (only !== '--library') await bundleCommands(process.argv[3] ?? join(root, 'dist/cli/goose.cjs'))
}

function buildLibrary() {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const compiler = join(root, 'node_modules/typescript-7/bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
}

/** Puts one bundle in the place of the embedded database's files; of the driver it needs the BSON types only. */
async function bundleEmbedded() {
  const folder = join(root, 'dist/embedded')
  for (const file of readdirSync(folder)) if (file !== 'index.d.ts') rmSync(join(folder, file), { recursive: true })
  await bundle({
    entryPoints: [join(root, 'src/embedded/index.ts')],
    outfile: join(folder, 'embedded.cjs'),
    alias: { mongodb: 'bson' },
  })
  writeFileSync(join(folder, 'index.js'), "export { startEmbedded } from '../../bin/embedded.js'\n")
}

function bundlePrompts(folder) {
  return bundle({
    stdin: { contents: "module.exports = require('inquirer').default", resolveDir: root },
    outfile: join(folder, 'prompts.cjs'),
  })
}

/** Bundles every command behind one table. */
export async function bundleCommands(outfile) {
  await bundlePrompts(dirname(outfile))
  await bundle({
    stdin: { contents: entry(), resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
    outfile,
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
    plugins: [lmdbInside, driverOnce, promptsApart],
    define: { 'import.meta.url': 'bundleUrl', 'import.meta.dirname': '__dirname' },
  })
}

/** Names each command by its file: src/commands/models/check.ts is `models check`. */
function entry() {
  const rows = commandFiles().map(
    file => `  '${commandId(file)}': () => import('./src/commands/${file.split(sep).join('/')}'),`,
  )
  return `import { main } from './src/shell/main.ts'
export const commands = {
${rows.join('\n')}
}
export const run = (argv: readonly string[], root: string) => main(argv, { root, commands })
`
}

export function commandFiles() {
  const folder = join(root, 'src/commands')
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return entries.filter(file => file.endsWith('.ts')).sort()
}

export function commandId(file) {
  const words = relative('.', file).replace(/\.ts$/, '').split(sep)
  if (words.at(-1) === 'index') words.pop()
  return words.join(':')
}
