// Help of a command leads to a page of docs/ that is there, and to a part of it that is there.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { pageOf } from '../../src/shell/help-pages.ts'

const root = resolve(import.meta.dirname, '../..')
const { commands } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))

test.each(Object.keys(commands))('%s is explained where its help says', id => {
  const [file = '', part] = pageOf(id).split('#')
  expect(existsSync(join(root, 'docs', file)), file).toBe(true)
  const page = readFileSync(join(root, 'docs', file), 'utf8')
  if (part !== undefined) expect(anchorsOf(page)).toContain(part)
})

/** Gives the anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
