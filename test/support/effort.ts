// How much the tests that repeat themselves repeat: little in every run, much in `npm run test:long`.

/** Gives the usual number of rounds, or the long one where GOOSE_TEST_LONG is set. */
export function rounds(usual: number, long: number): number {
  return isLong ? long : usual
}

/** Gives the time limit of a test of so many rounds, in milliseconds. */
export function patience(usual: number): number {
  return isLong ? 3_600_000 : usual
}

const isLong = Boolean(process.env.GOOSE_TEST_LONG)
