// Where a project begins: at its goose.config, or else at its package.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The names a configuration may have, the first that is there counts. */
export const configNames = ['goose.config.ts', 'goose.config.mts', 'goose.config.js', 'goose.config.mjs'] as const

/** Finds the root of a project: the nearest folder upward with a configuration, or else with a package. */
export function projectRoot(from = process.cwd()): string {
  return nearest(from, configNames) ?? nearest(from, ['package.json']) ?? resolve(from)
}

/** Finds the root of a project whose configuration is named: the nearest folder upward that holds any mark of one. */
export function rootAround(folder: string): string {
  return nearest(folder, [...configNames, 'package.json']) ?? resolve(folder)
}

function nearest(from: string, names: readonly string[]): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (names.some(name => existsSync(join(folder, name)))) return folder
    if (dirname(folder) === folder) return undefined
  }
}
