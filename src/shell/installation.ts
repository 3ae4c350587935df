// How goose is typed where it is run: by its name, or through npx when only the project has it.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Gives the words to begin a command with in a folder, for the copy of goose that lies at `root`. */
export function programName(root: string, folder: string): string {
  try {
    const installed = createRequire(join(folder, 'goose')).resolve('goose-odm/package.json')
    return dirname(installed) === root ? 'npx goose' : 'goose'
  } catch {
    return 'goose'
  }
}
