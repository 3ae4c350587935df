// Lists every command by name.
import type { Command } from '../room.ts'
import { aggregate } from './aggregate.ts'
import { buildInfo } from './build-info.ts'
import { deleteCommand } from './delete.ts'
import { find } from './find.ts'
import { findAndModify } from './find-and-modify.ts'
import { getMore } from './get-more.ts'
import { hello, isMaster } from './hello.ts'
import { insert } from './insert.ts'
import { killCursors } from './kill-cursors.ts'
import { ping } from './ping.ts'
import { endSessions, killSessions, refreshSessions, startSession } from './sessions.ts'
import { update } from './update.ts'

export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    aggregate,
    buildInfo,
    buildinfo: buildInfo,
    endSessions,
    delete: deleteCommand,
    find,
    findAndModify,
    findandmodify: findAndModify,
    getMore,
    hello,
    insert,
    isMaster,
    ismaster: isMaster,
    killCursors,
    killSessions,
    ping,
    refreshSessions,
    startSession,
    update,
  }),
)
