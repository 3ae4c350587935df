// Describes the machine that the server runs on.
import { arch, availableParallelism, endianness, hostname, release, totalmem, type } from 'node:os'
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'

export const hostInfo: Command = {
  help: 'describes the machine',
  run: () => {
    const megabytes = Math.floor(totalmem() / 2 ** 20)
    return document({
      system: {
        currentTime: new Date(),
        hostname: hostname(),
        cpuAddrSize: arch().endsWith('64') ? 64 : 32,
        memSizeMB: megabytes,
        memLimitMB: megabytes,
        numCores: availableParallelism(),
        cpuArch: arch() === 'x64' ? 'x86_64' : arch(),
        numaEnabled: false,
      },
      os: { type: type(), name: process.platform, version: release() },
      extra: { byteOrder: endianness(), nodeVersion: process.version },
    })
  },
}
