// Steps over the values of stored bytes without reading them.

/** Gives where a value ends. */
export function endOfValue(bytes: Buffer, type: number, at: number): number {
  const fixed = sizes[type]
  if (fixed !== undefined) return at + fixed
  if (type === 3 || type === 4 || type === 0x0f) return at + bytes.readInt32LE(at)
  if (type === 2 || type === 0x0d || type === 0x0e) return at + 4 + bytes.readInt32LE(at)
  if (type === 5) return at + 5 + bytes.readInt32LE(at)
  if (type === 0x0c) return at + 16 + bytes.readInt32LE(at)
  return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1
}

const sizes: Readonly<Record<number, number>> = {
  1: 8,
  6: 0,
  7: 12,
  8: 1,
  9: 8,
  10: 0,
  16: 4,
  17: 8,
  18: 8,
  19: 16,
  127: 0,
  255: 0,
}
