// Values that begin with a dash reach their flag, whatever short flags there are.
import { Config } from '@oclif/core/config'
import * as Flags from '@oclif/core/flags'
import { expect, test } from 'vitest'
import { guardValues, unguarded, wantsJson } from '../../src/shell/argv.ts'
import { GooseCommand } from '../../src/shell/command.ts'
import { queryFlags } from '../../src/shell/flags.ts'

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
test.each(letters)('a sort that begins with -%s is a value in every spelling', async letter => {
  class Probe extends GooseCommand<typeof Probe> {
    static override flags = { ...queryFlags, other: Flags.string({ char: letter as 'a' }) }
    answer() {
      return Promise.resolve({ kind: 'value' as const, data: null, text: '' })
    }
  }
  const config = await Config.load({ root: process.cwd() })
  const value = `-${letter}x,-y`
  for (const spelling of [['--sort', value], [`--sort=${value}`], ['-s', value], [`-s${value}`], ['--select', value]]) {
    const { flags } = await new Probe(spelling, config).parseInput()
    expect(Object.values(flags)).toContain(value)
  }
})

test('flags after a sort are still flags', () => {
  const flags = { sort: { type: 'option' }, limit: { type: 'option' }, json: { type: 'boolean' } }
  const guarded = guardValues(['--sort', '-a', '--limit', '3', '--json', '--', '--sort', '-b'], flags)
  expect(guarded.map(unguarded)).toEqual(['--sort', '-a', '--limit', '3', '--json', '--', '--sort', '-b'])
  expect(guarded[1]).not.toBe('-a')
  expect(guarded.at(-1)).toBe('-b')
})

test('a value that looks like a long flag is not swallowed', () => {
  expect(guardValues(['--sort', '--limit'], { sort: { type: 'option' } })).toEqual(['--sort', '--limit'])
})

test.each([
  [['find', '--json'], true],
  [['find', '-o', 'ndjson'], true],
  [['find', '--output=ejson'], true],
  [['find', '-o', 'table'], false],
  [['find', '--', '--json'], false],
])('%j asks for errors as JSON: %s', (argv, expected) => {
  expect(wantsJson(argv)).toBe(expected)
})
