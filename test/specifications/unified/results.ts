// Counts the results of specifications by folder and prints them as a table.

interface Counts {
  passed: number
  failed: number
  skipped: number
}

export class Results {
  readonly #folders = new Map<string, Counts>()
  readonly #reasons = new Map<string, number>()

  skip(folder: string, reason: string): void {
    this.#countsOf(folder).skipped++
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }

  /** Counts a test by whether it throws. */
  async count(folder: string, run: () => Promise<void>): Promise<void> {
    const counts = this.#countsOf(folder)
    counts.failed++
    await run()
    counts.failed--
    counts.passed++
  }

  table(): string {
    const rows = [...this.#folders].map(([folder, { passed, failed, skipped }]) =>
      line(folder, [passed, failed, skipped]),
    )
    const reasons = [...this.#reasons]
      .sort((a, b) => b[1] - a[1])
      .map(([reason, count]) => `${String(count).padStart(6)}  ${reason}\n`)
    return `\n${line('folder', ['passed', 'failed', 'skipped'])}${rows.join('')}\nskipped because it\n${reasons.join('')}`
  }

  #countsOf(folder: string): Counts {
    const counts = this.#folders.get(folder) ?? { passed: 0, failed: 0, skipped: 0 }
    this.#folders.set(folder, counts)
    return counts
  }
}

function line(name: string, cells: readonly (string | number)[]): string {
  return `${name.padEnd(30)}${cells.map(cell => String(cell).padStart(9)).join('')}\n`
}
