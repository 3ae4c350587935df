// Loads a project's TypeScript without a build step: compiled by jiti once, then from the cache.
import { createRequire } from 'node:module'
import { cached } from './compile-cache.ts'
import { type ModuleLoader, moduleLoader, type SharedModules } from './modules.ts'

/** A project whose files can be loaded; `keep` remembers what was compiled. */
export interface ProjectLoader extends ModuleLoader {
  keep(): void
}

/** Makes the loader of the project at `root`. */
export async function projectLoader(root: string): Promise<ProjectLoader> {
  const { compile, keep } = cached(root, compileWithJiti)
  return { ...moduleLoader({ root, compile, shared }), keep }
}

// Model files must meet the classes and the registry of this process, not another copy of them.
const shared: SharedModules = {
  'goose-odm': () => import('../index.ts'),
  mongodb: () => import('mongodb'),
  zod: () => import('zod'),
  'zod/v4': () => import('zod'),
}

type Transform = (options: Readonly<Record<string, unknown>>) => string
let transform: Transform | undefined

function compileWithJiti(file: string, source: string): string {
  transform ??= jitiTransform()
  const options = { source, filename: file, ts: /\.[mc]?tsx?$/.test(file), async: true, retainLines: true }
  return transform(options)
}

// Only a file that is not in the cache needs the compiler, which takes longer to load than all else.
function jitiTransform(): Transform {
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti')
  const jiti = createJiti(process.cwd(), { fsCache: false })
  return options => jiti.transform(options as never)
}
