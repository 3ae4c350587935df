// Tests the rules of expressions beyond the fidelity cases.
import { Decimal128, Int32 } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { compileExpression } from '../../../src/embedded/aggregate/expression.ts'
import { int32 } from '../../../src/embedded/bson/decode.ts'
import { value } from '../../../src/embedded/bson/literal.ts'
import { codeOf, evaluated } from '../../support/pipelines.ts'

const now = new Date('2024-02-29T12:00:00Z')

describe('numbers', () => {
  test('a sum of int32 grows to int64 when it does not fit', () => {
    expect(evaluated({ $add: [2147483647, 1] })).toBe(2147483648n)
  })

  test('a power of integers stays an integer as long as it fits', () => {
    expect(evaluated({ $pow: [2, 10] })).toEqual(new Int32(1024))
    expect(evaluated({ $pow: [2, 62] })).toBe(2n ** 62n)
    expect(evaluated({ $pow: [2, 64] })).toBe(2 ** 64)
  })

  test('a sum of doubles keeps what rounding took off on the way', () => {
    expect(evaluated({ $sum: [0.1, 0.2, 0.3] })).toBe(0.6)
    expect(evaluated({ $sum: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1] })).toBe(0.6000000000000001)
    expect(evaluated({ $sum: [1e100, 1.5, -1e100] })).toBe(0)
  })

  test('rounding goes to the even neighbour at a tie', () => {
    expect(evaluated({ $round: 2.5 })).toBe(2)
    expect(evaluated({ $round: [1250, -2] })).toEqual(int32(1200))
    expect(evaluated({ $round: [Decimal128.fromString('1.25'), 1] })?.toString()).toBe('1.2')
  })

  test('the remainder takes the widest type of its operands', () => {
    expect(evaluated({ $mod: [5, Decimal128.fromString('2')] })?.toString()).toBe('1')
    expect(evaluated({ $mod: [5, 2.5] })).toBe(0)
  })
})

describe('variables', () => {
  test('$let hides an outer variable only inside of itself', () => {
    const inner = { $let: { vars: { x: 2 }, in: '$$x' } }
    expect(evaluated({ $let: { vars: { x: 1 }, in: ['$$x', inner, '$$x'] } })).toEqual([int32(1), int32(2), int32(1)])
  })

  test('variables of nested $map keep their own elements', () => {
    const inner = { $map: { input: '$b', as: 'y', in: { $multiply: ['$$x', '$$y'] } } }
    const outer = { $map: { input: '$a', as: 'x', in: inner } }
    expect(evaluated(outer, { a: [1, 2], b: [3, 4] })).toEqual([
      [int32(3), int32(4)],
      [int32(6), int32(8)],
    ])
  })

  test('$$CURRENT can be bound, and then plain paths start there', () => {
    expect(evaluated({ $let: { vars: { CURRENT: '$o' }, in: '$x' } }, { o: { x: 1 }, x: 2 })).toEqual(int32(1))
  })

  test('$$REMOVE is no value at all', () => {
    expect(evaluated({ $type: '$$REMOVE' })).toBe('missing')
  })

  test('an unknown variable is refused while compiling', () => {
    expect(codeOf(() => evaluated('$$nobody'))).toBe(17276)
  })
})

describe('what is read', () => {
  const fieldsOf = (expression: unknown) => compileExpression(value(expression), { now }).fields

  test('only the first names of paths are needed', () => {
    expect(fieldsOf({ $add: ['$a.b', '$$ROOT.c', { $let: { vars: { d: '$e' }, in: '$$d.x' } }] })).toEqual(
      new Set(['a', 'c', 'e']),
    )
  })

  test('the whole document is needed where $$ROOT stands alone', () => {
    expect(fieldsOf({ $bsonSize: '$$ROOT' })).toBeNull()
  })
})

describe('strings', () => {
  test('code points outside of the basic plane count as one', () => {
    expect(evaluated({ $indexOfCP: ['a😀b', 'b'] })).toEqual(int32(2))
    expect(evaluated({ $indexOfBytes: ['a😀b', 'b'] })).toEqual(int32(5))
    expect(evaluated({ $substrCP: ['a😀b', 1, 1] })).toBe('😀')
  })

  test('only ASCII letters change case', () => {
    expect(evaluated({ $toUpper: 'straße' })).toBe('STRAßE')
  })

  test('a search of everything ends before the end of the text', () => {
    expect(evaluated({ $size: { $regexFindAll: { input: 'abc', regex: '' } } })).toEqual(int32(3))
  })

  test('the index of a match counts code points', () => {
    expect(evaluated({ $getField: { field: 'idx', input: { $regexFind: { input: '😀x', regex: 'x' } } } })).toEqual(
      int32(1),
    )
  })
})

describe('dates', () => {
  const date = (text: string) => new Date(text)

  test('adding a month ends on the last day there is', () => {
    const added = { $dateAdd: { startDate: date('2024-01-31T10:00:00Z'), unit: 'month', amount: 1 } }
    expect(evaluated(added)).toEqual(date('2024-02-29T10:00:00Z'))
  })

  test('adding a day keeps the local clock across a change of offset, adding hours does not', () => {
    const start = { startDate: date('2023-11-05T04:30:00Z'), timezone: 'America/New_York' }
    expect(evaluated({ $dateAdd: { ...start, unit: 'day', amount: 1 } })).toEqual(date('2023-11-06T05:30:00Z'))
    expect(evaluated({ $dateAdd: { ...start, unit: 'hour', amount: 24 } })).toEqual(date('2023-11-06T04:30:00Z'))
  })

  test('a day begins at local midnight', () => {
    const truncated = { $dateTrunc: { date: date('2024-07-04T02:00:00Z'), unit: 'day', timezone: 'America/New_York' } }
    expect(evaluated(truncated)).toEqual(date('2024-07-03T04:00:00Z'))
  })

  test('a date with an impossible day is no date', () => {
    expect(codeOf(() => evaluated({ $dateFromString: { dateString: '2023-02-29' } }))).toBe(241)
  })

  test('a format reads back what it writes', () => {
    const format = '%Y-%j %H:%M:%S.%L %z'
    const moment = date('2020-02-29T10:20:30.456Z')
    const text = { $dateToString: { date: moment, format, timezone: '+05:30' } }
    expect(evaluated({ $dateFromString: { dateString: text, format } })).toEqual(moment)
  })

  test('an unknown time zone is refused', () => {
    expect(codeOf(() => evaluated({ $hour: { date: now, timezone: 'Mars/Phobos' } }))).toBe(40485)
  })
})

describe('conversions', () => {
  test('each text of a number is read whole or not at all', () => {
    expect(evaluated({ $toLong: '9007199254740993' })).toBe(9007199254740993n)
    expect(codeOf(() => evaluated({ $toInt: '12 ' }))).toBe(241)
    expect(codeOf(() => evaluated({ $toInt: '0x1F' }))).toBe(241)
    expect(codeOf(() => evaluated({ $toInt: 3e9 }))).toBe(241)
  })

  test('an error of a conversion alone is caught by onError', () => {
    expect(evaluated({ $convert: { input: 'x', to: 'int', onError: 'no' } })).toBe('no')
    expect(codeOf(() => evaluated({ $convert: { input: 'x', to: 'nothing', onError: 'no' } }))).toBe(2)
  })
})

describe('choices', () => {
  test('a branch that is not taken is not evaluated', () => {
    expect(evaluated({ $cond: [true, 1, { $divide: [1, 0] }] })).toEqual(int32(1))
    expect(evaluated({ $or: [true, { $divide: [1, 0] }] })).toBe(true)
  })

  test('operators that are not supported are refused by name', () => {
    const expression = { $function: { body: 'f', args: [], lang: 'js' } }
    expect(() => evaluated(expression)).toThrow('$function is not supported')
  })
})
