// Lists every command by name.

import type { Document } from '../bson/decode.ts'
import { flagAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { aggregate, nameOf } from './aggregate.ts'
import { buildInfo } from './build-info.ts'
import { bulkWrite } from './bulk-write.ts'
import { collMod } from './coll-mod.ts'
import { collStats } from './coll-stats.ts'
import { configureFailPoint } from './configure-fail-point.ts'
import { connectionStatus } from './connection-status.ts'
import { convertToCapped } from './convert-to-capped.ts'
import { count } from './count.ts'
import { create } from './create.ts'
import { createIndexes } from './create-indexes.ts'
import { currentOp } from './current-op.ts'
import { dbStats } from './db-stats.ts'
import { deleteCommand } from './delete.ts'
import { distinct } from './distinct.ts'
import { drop } from './drop.ts'
import { dropDatabase } from './drop-database.ts'
import { dropIndexes } from './drop-indexes.ts'
import { explain } from './explain.ts'
import { explainPipeline } from './explain-aggregate.ts'
import { find } from './find.ts'
import { findAndModify } from './find-and-modify.ts'
import { getFreeMonitoringStatus } from './free-monitoring.ts'
import { getCmdLineOpts } from './get-cmd-line-opts.ts'
import { getLog } from './get-log.ts'
import { getMore } from './get-more.ts'
import { getParameter } from './get-parameter.ts'
import { hello, isMaster } from './hello.ts'
import { hostInfo } from './host-info.ts'
import { insert } from './insert.ts'
import { killCursors } from './kill-cursors.ts'
import { killOp } from './kill-op.ts'
import { listCollections } from './list-collections.ts'
import { listCommandsOf } from './list-commands.ts'
import { listDatabases } from './list-databases.ts'
import { listIndexes } from './list-indexes.ts'
import { ping } from './ping.ts'
import { profile } from './profile.ts'
import { renameCollection } from './rename-collection.ts'
import { replSetGetConfig, replSetGetStatus } from './replica-set.ts'
import { searchIndexes } from './search-indexes.ts'
import { serverStatus } from './server-status.ts'
import { endSessions, killSessions, refreshSessions, startSession } from './sessions.ts'
import { abortTransaction, commitTransaction } from './transactions.ts'
import { mapReduce } from './unsupported.ts'
import { update } from './update.ts'
import { authentication, rolesInfo, userManagement, usersInfo } from './users.ts'
import { validate } from './validate.ts'
import { whatsMyUri } from './whats-my-uri.ts'

/** An aggregate may ask to be explained instead. */
const aggregateOrExplain: Command = {
  ...aggregate,
  run: operation => (flagAt(operation.request.body, 'explain') ? explainInstead(operation) : aggregate.run(operation)),
}

export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    abortTransaction,
    aggregate: aggregateOrExplain,
    buildInfo,
    buildinfo: buildInfo,
    bulkWrite,
    convertToCapped,
    collMod,
    collStats,
    collstats: collStats,
    commitTransaction,
    configureFailPoint,
    connectionStatus,
    count,
    create,
    createIndexes,
    createSearchIndexes: searchIndexes,
    currentOp,
    dbStats,
    dbstats: dbStats,
    delete: deleteCommand,
    deleteIndexes: dropIndexes,
    distinct,
    drop,
    dropDatabase,
    dropIndexes,
    dropSearchIndex: searchIndexes,
    endSessions,
    explain,
    find,
    findAndModify,
    findandmodify: findAndModify,
    getCmdLineOpts,
    getLog,
    getMore,
    getParameter,
    hello,
    hostInfo,
    insert,
    isMaster,
    ismaster: isMaster,
    killAllSessions: killSessions,
    killCursors,
    killOp,
    killSessions,
    listCollections,
    listCommands: listCommandsOf(() => commands),
    listDatabases,
    listIndexes,
    ping,
    refreshSessions,
    renameCollection,
    replSetGetStatus,
    rolesInfo,
    serverStatus,
    startSession,
    update,
    updateSearchIndex: searchIndexes,
    usersInfo,
    validate,
    whatsmyuri: whatsMyUri,
    authenticate: authentication,
    saslStart: authentication,
    saslContinue: authentication,
    getFreeMonitoringStatus,
    mapReduce,
    mapreduce: mapReduce,
    profile,
    replSetGetConfig,
    listSearchIndexes: searchIndexes,
    createUser: userManagement,
    updateUser: userManagement,
    dropUser: userManagement,
    dropAllUsersFromDatabase: userManagement,
    grantRolesToUser: userManagement,
    revokeRolesFromUser: userManagement,
    createRole: userManagement,
    updateRole: userManagement,
    dropRole: userManagement,
  }),
)

function explainInstead(operation: Operation): Document {
  const body: Document = new Map(operation.request.body)
  body.delete('explain')
  return explainPipeline({ ...operation, request: { ...operation.request, body } }, nameOf(operation), {
    isExecuted: false,
  })
}
