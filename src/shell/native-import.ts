// Node's own `import()`: bundled code has none of its own.
import { constants, Script } from 'node:vm'

/** Gives the `import()` of a file: what it imports is looked for from there. */
export function nativeImport(file: string): (name: string) => Promise<object> {
  const importing = unwarned(() => {
    const options = { filename: file, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }
    return new Script('name => import(name)', options).runInThisContext() as (name: string) => Promise<object>
  })
  return name => unwarned(() => importing(name))
}

// Node 20 calls this experimental, which is no news for whoever types.
function unwarned<T>(act: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return act()
  } finally {
    process.emitWarning = emitWarning
  }
}
