// Bytes as text: base64, and nothing that only looks like it.

/** Reads bytes as they are printed; gives undefined for what is no base64. */
export function bytesFrom(text: string): Buffer | undefined {
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
  return isBase64 ? Buffer.from(text, 'base64') : undefined
}
