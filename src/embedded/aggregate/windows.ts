// Compiles the window functions of $setWindowFields.
import { Decimal128 } from 'mongodb'
import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { divide, isNumber, type NumberValue, narrowest, toDouble } from '../values/numbers.ts'
import { compileAccumulator, isAccumulator } from './accumulators.ts'
import { lengthOf, unitOf } from './calendar/units.ts'
import { int32Of, integerOf } from './integer.ts'
import type { Evaluate, Result, Scope } from './operator.ts'
import { accumulating } from './windows/accumulating.ts'
import { type Window, windowOf } from './windows/bounds.ts'
import { covariance } from './windows/covariance.ts'
import type { WindowFunction } from './windows/partition.ts'
import { denseRank, documentNumber, rank, shift } from './windows/ranks.ts'
import { derivative, exponentialAverage, integral, lastKnown, linearFill, type Slope } from './windows/series.ts'

interface Request {
  readonly name: string
  readonly argument: Value
  readonly window: Value | undefined
  readonly scope: Scope
  /** how many fields the stage sorts by, and whether the first ascends */
  readonly sortFields: number
  readonly ascending: boolean
}

type Compiler = (request: Request) => WindowFunction

const functions: Readonly<Record<string, Compiler>> = {
  $covariancePop: request => accumulating(covariance(inputOf(request), 'population'), checkedWindow(request)),
  $covarianceSamp: request => accumulating(covariance(inputOf(request), 'sample'), checkedWindow(request)),
  $denseRank: request => ranking(request, denseRank),
  $derivative: request => derivative(slopeOf(request, '$derivative')),
  $documentNumber: request => ranking(request, documentNumber),
  $expMovingAvg: compileExponentialAverage,
  $integral: request => integral(slopeOf(request, '$integral')),
  $linearFill: request => {
    const input = inputOf(windowless(request))
    needSort(request, 605001)
    return linearFill(input)
  },
  $locf: request => lastKnown(inputOf(windowless(request))),
  $rank: request => ranking(request, rank),
  $shift: compileShift,
}

/** Compiles one field of `output`, such as { $sum: '$n', window: { documents: [-1, 1] } }. */
export function compileWindowFunction(
  field: string,
  specification: Value,
  ground: Pick<Request, 'scope' | 'sortFields' | 'ascending'>,
): WindowFunction {
  if (!(specification instanceof Map)) throw failed(`The field '${field}' must be an object`)
  const operators = [...specification.keys()].filter(key => key !== 'window')
  const [name] = operators
  if (operators.length !== 1 || name === undefined)
    throw failed(`Expected exactly one window function in the field '${field}'`)
  const request: Request = { ...ground, name, argument: specification.get(name)!, window: specification.get('window') }
  if (Object.hasOwn(functions, name)) return functions[name]!(request)
  if (!isAccumulator(name) || name === '$mergeObjects') throw failed(`Unrecognized window function, ${name}`)
  if (name === '$count' && !(request.argument instanceof Map && request.argument.size === 0))
    throw failed('$count only accepts an empty object as input')
  const accumulation = compileAccumulator(field, new Map([[name, request.argument]]), ground.scope)
  const window = checkedWindow(request)
  return accumulating(accumulation, window, name === '$sum' ? narrowed : undefined)
}

/** A sum over a window that lets go of documents is an int32 where it fits. */
function narrowed(sum: Result): Result {
  return typeof sum === 'bigint' ? narrowest(sum) : sum
}

function failed(message: string): CommandError {
  return new CommandError('FailedToParse', message)
}

function checkedWindow(request: Request): Window {
  const window = windowOf(request.window, request.scope)
  if (request.window === undefined) return window
  if (
    window.kind === 'documents' &&
    request.sortFields === 0 &&
    !(window.lower === 'unbounded' && window.upper === 'unbounded')
  ) {
    throw new CommandError(5339901, 'Document-based bounds require a sortBy')
  }
  if (window.kind === 'range' && request.sortFields !== 1) {
    throw new CommandError(5339902, 'Range-based bounds require sortBy a single field')
  }
  if (window.kind === 'range' && !request.ascending) throw failed('Range-based bounds require an ascending sortBy')
  return window
}

function windowless(request: Request): Request {
  if (request.window === undefined) return request
  throw failed(`'window' field is not allowed in ${request.name}`)
}

function needSort({ name, sortFields }: Request, code: number): void {
  if (sortFields === 1) return
  throw new CommandError(code, `${name} must be specified with a top level sortBy expression with exactly one element`)
}

function ranking(request: Request, ranked: WindowFunction): WindowFunction {
  const { name, argument, window } = request
  if (window !== undefined) throw new CommandError(5371601, 'Rank style window functions take no other arguments')
  if (!(argument instanceof Map) || argument.size > 0) {
    throw new CommandError(5371603, `${name} must be specified with '{}' as the value`)
  }
  needSort(request, 5371602)
  return ranked
}

function compileShift(request: Request): WindowFunction {
  const { argument, scope } = windowless(request)
  const given = fieldsOf(argument, request.name, ['output', 'by', 'default'])
  if (request.sortFields === 0) throw failed("'$shift' requires a sortBy")
  const output = given.get('output')
  const by = int32Of(given.get('by'))
  if (output === undefined) throw failed('$shift requires an output expression.')
  if (by === undefined) throw failed("$shift requires 'by' as an integer value.")
  const otherwise = scope.compile(given.get('default') ?? null)
  if (!otherwise.constant) throw failed("'$shift:default' expression must yield a constant value.")
  return shift({
    output: scope.compile(output).evaluate,
    by,
    otherwise: otherwise.evaluate(new Map(), new Map()) ?? null,
  })
}

function slopeOf(request: Request, name: '$derivative' | '$integral'): Slope {
  const given = fieldsOf(request.argument, name, ['input', 'unit'])
  const input = given.get('input')
  if (input === undefined) throw failed(`${name} requires an 'input' expression`)
  if (name === '$derivative' && request.window === undefined)
    throw failed('$derivative requires explicit window bounds')
  if (request.sortFields !== 1) throw failed(`${name} requires a sortBy with exactly one field`)
  const unit = given.get('unit')
  if (unit !== undefined && typeof unit !== 'string') throw failed(`${name} 'unit' must be a string`)
  const known = unit === undefined ? undefined : unitOf(unit)
  if (known && lengthOf(known) === undefined) throw new CommandError(5490710, "unit must be 'week' or smaller")
  return { input: request.scope.compile(input).evaluate, window: checkedWindow(request), unit: known }
}

function compileExponentialAverage(request: Request): WindowFunction {
  const { argument, scope } = windowless(request)
  if (request.sortFields === 0) throw failed('$expMovingAvg requires an explicit sortBy')
  const given = fieldsOf(argument, request.name, ['input', 'N', 'alpha'])
  const input = given.get('input')
  const count = given.get('N')
  const alpha = given.get('alpha')
  if (input === undefined || (count === undefined) === (alpha === undefined)) {
    throw failed(
      "$expMovingAvg sub object must have exactly two fields: An 'input' field, and either an 'N' field or an 'alpha' field",
    )
  }
  return exponentialAverage(
    scope.compile(input).evaluate,
    count === undefined ? alphaOf(alpha!) : divide(TWO, int32(periodOf(count) + 1)),
  )
}

const TWO = Decimal128.fromString('2')

function alphaOf(value: Value): NumberValue {
  const alpha = isNumber(value) ? toDouble(value) : Number.NaN
  if (isNumber(value) && alpha > 0 && alpha < 1) return value
  throw failed("'alpha' must be between 0 and 1 (exclusive)")
}

function periodOf(value: Value): number {
  const period = integerOf(value)
  if (period !== undefined && period > 0) return period
  throw failed("'N' field must be an integer greater than zero")
}

function inputOf({ scope, argument }: Request): Evaluate {
  return scope.compile(argument).evaluate
}

function fieldsOf(argument: Value, name: string, known: readonly string[]): Document {
  if (!(argument instanceof Map)) throw failed(`Argument to ${name} must be an object`)
  for (const key of argument.keys()) if (!known.includes(key)) throw failed(`${name} got unexpected argument: ${key}`)
  return argument
}
