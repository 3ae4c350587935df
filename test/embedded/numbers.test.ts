// Tests arithmetic over all number types, with results as IEEE 754 decimal arithmetic gives them.
import { Decimal128, Int32 } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { decimalFromDouble, decimalOf, roundDecimal, storedDecimal } from '../../src/embedded/values/decimal.ts'
import { add, divide, multiply, type NumberValue, remainder, subtract } from '../../src/embedded/values/numbers.ts'

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)

describe('numbers', () => {
  test('grow to the next type that holds the result', () => {
    expect(add(new Int32(2147483647), new Int32(1))).toBe(2147483648n)
    expect(add(9223372036854775807n, new Int32(1))).toBe(2 ** 63)
    expect(subtract(new Int32(-2147483648), new Int32(1))).toBe(-2147483649n)
    expect(multiply(new Int32(94906267), new Int32(94906267))).toBe(9007199515875289n)
    expect(add(1n, new Int32(1))).toBe(2n)
    expect(add(new Int32(1), 1.5)).toBe(2.5)
    expect(divide(new Int32(6), new Int32(3))).toBe(2)
    expect(remainder(new Int32(-7), new Int32(4))).toEqual(new Int32(-3))
  })

  const cases: readonly (readonly [(a: NumberValue, b: NumberValue) => NumberValue, string, string, string])[] = [
    [add, '0.1', '0.2', '0.3'],
    [add, '1E+34', '1', '1.000000000000000000000000000000000E+34'],
    [add, '9.999999999999999999999999999999999E+6144', '1E+6144', 'Infinity'],
    [subtract, '1.10', '1.1', '0.00'],
    [subtract, 'Infinity', 'Infinity', 'NaN'],
    [multiply, '1.20', '3', '3.60'],
    [multiply, '1E-6176', '0.5', '0E-6176'],
    [divide, '1', '3', '0.3333333333333333333333333333333333'],
    [divide, '6', '2', '3'],
    [divide, '1', '8', '0.125'],
    [divide, '-0E+3', '1895164.3', '-0E+4'],
    [remainder, '-7.5', '2', '-1.5'],
  ]

  test.each(cases)('%o of %s and %s is exact', (operation, a, b, expected) => {
    expect(String(operation(decimal(a), decimal(b)))).toBe(expected)
  })

  test('of type double become decimals of 15 digits', () => {
    expect(storedDecimal(decimalFromDouble(0.1)).toString()).toBe('0.100000000000000')
    expect(storedDecimal(decimalFromDouble(-123456789.12345679)).toString()).toBe('-123456789.123457')
    expect(String(add(decimal('1.5'), 0.5))).toBe('2.000000000000000')
  })

  test('of type decimal are rounded half to even', () => {
    const rounded = (text: string): string =>
      storedDecimal(roundDecimal(decimalOf(decimal(text)), 0, { rounding: 'half-even' })).toString()
    expect(['0.5', '1.5', '2.5', '-2.5', '2.51', '7'].map(rounded)).toEqual(['0', '2', '2', '-2', '3', '7'])
  })
})
