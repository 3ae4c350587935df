// Says what the server is: compatible with which version of MongoDB, and built with what.
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'
import { VERSION } from '../operation/version.ts'
import { MAX_DOCUMENT_BYTES } from './hello.ts'

export const buildInfo: Command = {
  help: 'says what the server is',
  run: () =>
    document({
      version: VERSION,
      gitVersion: 'goose-embedded',
      modules: [],
      allocator: 'system',
      javascriptEngine: 'none',
      sysInfo: 'deprecated',
      versionArray: [...VERSION.split('.').map(Number), 0],
      openssl: { running: 'none', compiled: 'none' },
      buildEnvironment: { target_os: process.platform, target_arch: process.arch },
      bits: 64,
      debug: false,
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
      storageEngines: ['lmdb'],
    }),
}
