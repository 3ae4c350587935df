// Converts between binary data and text in the formats that $convert names.
import { isUtf8 } from 'node:buffer'
import { Binary } from 'mongodb'
import { CommandError } from '../errors.ts'

export const UUID_SUBTYPE = 4

export const BINARY_FORMATS = ['auto', 'base64', 'base64url', 'hex', 'utf8', 'uuid'] as const

export type BinaryFormat = (typeof BINARY_FORMATS)[number]

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The texts that a format reads, and how it does. */
const READERS: Readonly<Record<Exclude<BinaryFormat, 'auto'>, readonly [RegExp, (text: string) => Buffer]>> = {
  base64: [/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, text => Buffer.from(text, 'base64')],
  base64url: [/^([\w-]{4})*([\w-]{2}(==)?|[\w-]{3}=?)?$/, text => Buffer.from(text, 'base64url')],
  hex: [/^([0-9a-f]{2})*$/i, text => Buffer.from(text, 'hex')],
  utf8: [/^/, text => Buffer.from(text)],
  uuid: [UUID, text => Buffer.from(text.replaceAll('-', ''), 'hex')],
}

/** Throws ConversionFailure for a text that the format does not read, or that the subtype does not take. */
export function binaryOf(text: string, format: BinaryFormat, subtype: number): Binary {
  if (format === 'auto' || (format === 'uuid') !== (subtype === UUID_SUBTYPE))
    throw failure(`Only the UUID string format is allowed with the UUID subtype, and no other takes it: ${format}`)
  const [pattern, read] = READERS[format]
  if (!pattern.test(text)) throw failure(`Input is not a valid ${format} string: '${text}'`)
  return new Binary(read(text), subtype)
}

export function textOfBinary(binary: Binary, format: BinaryFormat): string {
  const bytes = Buffer.from(binary.value())
  const isUuid = binary.sub_type === UUID_SUBTYPE && bytes.length === 16
  if (format === 'uuid' || (format === 'auto' && isUuid)) {
    if (!isUuid) throw failure('Only 16 bytes of the UUID subtype have the format uuid')
    return binary.toUUID().toString()
  }
  if (format === 'utf8') {
    if (!isUtf8(bytes)) throw failure('BinData is not valid UTF-8')
    return bytes.toString()
  }
  if (format === 'hex') return bytes.toString('hex').toUpperCase()
  return bytes.toString(format === 'base64url' ? 'base64url' : 'base64')
}

function failure(message: string): CommandError {
  return new CommandError('ConversionFailure', `${message} in $convert with no onError value`)
}
