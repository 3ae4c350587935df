// A project's model files are found by globs, and tests and declarations are not among them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { defaultGlobs, modelFiles } from '../../src/shell/model-files.ts'

const root = mkdtempSync(join(tmpdir(), 'goose-files-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

for (const file of [
  'models/user.ts',
  'models/blog/post.ts',
  'models/user.test.ts',
  'models/types.d.ts',
  'models/notes.md',
  'models/node_modules/x/models/y.ts',
  'src/models/old.js',
  'app/user.model.ts',
]) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), '')
}

test.each([
  [defaultGlobs, ['models/blog/post.ts', 'models/user.ts', 'src/models/old.js']],
  [['models/*.ts'], ['models/user.ts']],
  [['./models/**/*.ts'], ['models/blog/post.ts', 'models/user.ts']],
  [['**/*.model.ts'], ['app/user.model.ts']],
  [['models/user.ts'], ['models/user.ts']],
  [['{models,app}/*.ts'], ['app/user.model.ts', 'models/user.ts']],
  [['nowhere/**'], []],
])('%j finds %j', (globs, files) => {
  expect(modelFiles(root, globs).map(file => relative(root, file))).toEqual(files)
})
