// Lists all operators of expressions, by family.
import type { OperatorTable } from './operator.ts'
import { accumulations } from './operators/accumulations.ts'
import { arithmetic } from './operators/arithmetic.ts'
import { arrays } from './operators/arrays.ts'
import { bits } from './operators/bits.ts'
import { comparisons } from './operators/comparisons.ts'
import { conditions } from './operators/conditions.ts'
import { conversions } from './operators/conversions.ts'
import { dateArithmetic } from './operators/date-arithmetic.ts'
import { dateParts } from './operators/date-parts.ts'
import { dateTexts } from './operators/date-texts.ts'
import { iterations } from './operators/iterations.ts'
import { miscellany } from './operators/miscellany.ts'
import { objects } from './operators/objects.ts'
import { picks } from './operators/picks.ts'
import { regularExpressions } from './operators/regular-expressions.ts'
import { rounding } from './operators/rounding.ts'
import { sets } from './operators/sets.ts'
import { strings } from './operators/strings.ts'
import { substrings } from './operators/substrings.ts'
import { trigonometry } from './operators/trigonometry.ts'
import { trims } from './operators/trims.ts'

export const operators: OperatorTable = {
  ...accumulations,
  ...arithmetic,
  ...arrays,
  ...bits,
  ...comparisons,
  ...conditions,
  ...conversions,
  ...dateArithmetic,
  ...dateParts,
  ...dateTexts,
  ...iterations,
  ...miscellany,
  ...objects,
  ...picks,
  ...regularExpressions,
  ...rounding,
  ...sets,
  ...strings,
  ...substrings,
  ...trigonometry,
  ...trims,
}
