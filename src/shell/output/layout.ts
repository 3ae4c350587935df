// Widths of table columns: as wide as their content where it fits, cut fairly where it does not.

/** What a column asks for: the width of its head, of its widest cell, and the least it can live with. */
export interface ColumnDemand {
  readonly head: number
  readonly widest: number
  readonly least: number
}

/** Widths of the columns shown, and how many at the end did not find room. */
export interface TableLayout {
  readonly widths: readonly number[]
  readonly hidden: number
}

/** Fits columns into a line: borders and padding take three cells for each column and one more. */
export function layoutOf(demands: readonly ColumnDemand[], available: number): TableLayout {
  const wanted = demands.map(demand => Math.max(demand.head, demand.widest, 1))
  const shown = shownColumns(demands, wanted, available)
  const room = available - 3 * shown - 1
  return { widths: shrunk(wanted.slice(0, shown), demands, room), hidden: demands.length - shown }
}

function shownColumns(demands: readonly ColumnDemand[], wanted: readonly number[], available: number): number {
  let used = 1
  for (const [index, demand] of demands.entries()) {
    used += Math.min(demand.least, wanted[index] ?? 1) + 3
    if (used > available && index > 0) return index
  }
  return demands.length
}

/** Takes cells from the widest column again and again, so that narrow ones stay whole. */
function shrunk(wanted: readonly number[], demands: readonly ColumnDemand[], room: number): readonly number[] {
  const widths = [...wanted]
  let excess = widths.reduce((sum, width) => sum + width, 0) - room
  while (excess > 0) {
    const index = widestAbove(widths, demands)
    if (index === -1) break
    widths[index] = (widths[index] ?? 1) - 1
    excess -= 1
  }
  return widths
}

function widestAbove(widths: readonly number[], demands: readonly ColumnDemand[]): number {
  let found = -1
  for (const [index, width] of widths.entries()) {
    const isFree = width > (demands[index]?.least ?? 1)
    if (isFree && (found === -1 || width > (widths[found] ?? 0))) found = index
  }
  return found
}
