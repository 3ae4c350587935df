// The formats of files: by name, by the ending of a file name, and by how a file begins.

/** The formats that documents are exported to and imported from. */
export const fileFormats = ['ejson', 'ndjson', 'json', 'csv', 'bson'] as const
export type FileFormat = (typeof fileFormats)[number]

const endings: Readonly<Record<string, FileFormat>> = {
  ejson: 'ejson',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  csv: 'csv',
  bson: 'bson',
}

/** Tells a format by the ending of a file name, with or without .gz. */
export function formatOfName(name: string): FileFormat | undefined {
  const ending = /\.(\w+)$/.exec(name.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined
}

/** Tells whether a file name asks for compression. */
export function isGzipName(name: string): boolean {
  return /\.gz$/i.test(name)
}

/** Tells a format by the first bytes of a file: JSON and BSON can be told, CSV cannot. */
export function formatOfBytes(bytes: Buffer): FileFormat | undefined {
  const text = bytes
    .toString('latin1', 0, 200)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
  if (text.startsWith('{') || text.startsWith('[')) return 'json'
  const size = bytes.length >= 5 ? bytes.readInt32LE(0) : 0
  return size >= 5 && (bytes[4]! <= 0x13 || bytes[4] === 0xff || bytes[4] === 0x7f) ? 'bson' : undefined
}
