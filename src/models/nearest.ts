// Did you mean: the nearest of the names there are.

/** Gives the nearest name, or undefined when none is near. */
function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length * 0.4)) + 1
  for (const candidate of names) {
    const far = distance(name.toLowerCase(), candidate.toLowerCase())
    if (far < least) [best, least] = [candidate, far]
  }
  return best
}

/** Says "did you mean …?", or lists the names when none is near. */
export function suggestion(name: string, names: Iterable<string>): string {
  const all = [...names]
  const near = nearest(name, all)
  if (near) return `did you mean "${near}"?`
  if (all.length === 0) return 'there are none'
  return `there ${all.length === 1 ? 'is' : 'are'}: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', …' : ''}`
}

/** The same with something to read more: "did you mean …? see …", "there are: …; see …". */
export function suggestionOr(name: string, names: Iterable<string>, more: string): string {
  const said = suggestion(name, names)
  return `${said}${said.endsWith('?') ? '' : ';'} ${more}`
}

function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, change))
    }
    above = row
  }
  return above[b.length]!
}
