// Tells which names a collection may have.

/** Whether a name is one of a collection: not empty, without $ and NUL, and not beginning with a dot. */
export function isCollectionName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[$\0]/.test(name)
}
