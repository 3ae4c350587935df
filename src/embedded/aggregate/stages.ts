// Lists all stages of pipelines and where each may stand.
import { CommandError } from '../errors.ts'
import type { StageContext, StageOperator } from './stage.ts'
import { addFields } from './stages/add-fields.ts'
import { bucket } from './stages/bucket.ts'
import { bucketAuto } from './stages/bucket-auto.ts'
import { count, sortByCount } from './stages/count.ts'
import { densify } from './stages/densify.ts'
import { documents } from './stages/documents.ts'
import { facet } from './stages/facet.ts'
import { fill } from './stages/fill.ts'
import { graphLookup } from './stages/graph-lookup.ts'
import { group } from './stages/group.ts'
import { limit, skip } from './stages/limit.ts'
import { lookup } from './stages/lookup.ts'
import { match } from './stages/match.ts'
import { merge } from './stages/merge.ts'
import { out } from './stages/out.ts'
import { project } from './stages/project.ts'
import { redact } from './stages/redact.ts'
import { replaceRoot, replaceWith } from './stages/replace-root.ts'
import { sample } from './stages/sample.ts'
import { setWindowFields } from './stages/set-window-fields.ts'
import { sort } from './stages/sort.ts'
import { statistics } from './stages/statistics.ts'
import { unionWith } from './stages/union-with.ts'
import { unset } from './stages/unset.ts'
import { unwind } from './stages/unwind.ts'

export const stages: Readonly<Record<string, StageOperator>> = {
  $addFields: addFields('$addFields'),
  $bucket: bucket,
  $bucketAuto: bucketAuto,
  $changeStream: refuse('$changeStream'),
  $changeStreamSplitLargeEvent: refuse('$changeStreamSplitLargeEvent'),
  $collStats: statistics('$collStats'),
  $count: count,
  $currentOp: statistics('$currentOp'),
  $densify: densify,
  $documents: documents,
  $facet: facet,
  $fill: fill,
  $geoNear: refuse('$geoNear'),
  $graphLookup: graphLookup,
  $group: group,
  $indexStats: statistics('$indexStats'),
  $limit: limit,
  $listLocalSessions: statistics('$listLocalSessions'),
  $listSearchIndexes: refuseSearch('$listSearchIndexes'),
  $listSessions: statistics('$listSessions'),
  $lookup: lookup,
  $match: match,
  $merge: merge,
  $out: out,
  $planCacheStats: statistics('$planCacheStats'),
  $project: project,
  $querySettings: refuse('$querySettings'),
  $queryStats: refuse('$queryStats'),
  $rankFusion: refuseSearch('$rankFusion'),
  $redact: redact,
  $replaceRoot: replaceRoot,
  $replaceWith: replaceWith,
  $sample: sample,
  $scoreFusion: refuseSearch('$scoreFusion'),
  $search: refuseSearch('$search'),
  $searchMeta: refuseSearch('$searchMeta'),
  $set: addFields('$set'),
  $setWindowFields: setWindowFields,
  $shardedDataDistribution: refuse('$shardedDataDistribution'),
  $skip: skip,
  $sort: sort,
  $sortByCount: sortByCount,
  $unionWith: unionWith,
  $unset: unset,
  $unwind: unwind,
  $vectorSearch: refuseSearch('$vectorSearch'),
}

const onlyFirst = new Set([
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$listSessions',
  '$listLocalSessions',
  '$planCacheStats',
  '$documents',
])
const onlyLast = new Set(['$out', '$merge'])
const notInFacet = new Set([...onlyFirst, ...onlyLast, '$facet'])
const inUpdates = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith'])

/** Refuses a stage that may not stand at this place. */
export function checkPlace(name: string, { place, first, last }: StageContext): void {
  if (place === 'update' && !inUpdates.has(name)) {
    throw new CommandError('InvalidOptions', `${name} is not allowed to be used within an update`)
  }
  if (place === 'facet' && notInFacet.has(name)) {
    throw new CommandError(40600, `${name} is not allowed to be used within a $facet stage`)
  }
  if (place === 'lookup' && onlyLast.has(name)) {
    throw new CommandError(51047, `${name} is not allowed within a $lookup's sub-pipeline`)
  }
  if (place === 'union' && onlyLast.has(name)) {
    throw new CommandError(31441, `${name} is not allowed within a $unionWith's sub-pipeline`)
  }
  if (onlyFirst.has(name) && !first)
    throw new CommandError(40602, `${name} is only valid as the first stage in a pipeline`)
  if (onlyLast.has(name) && !last) throw new CommandError(40601, `${name} can only be the final stage in the pipeline`)
}

function refuse(name: string): StageOperator {
  return () => {
    throw new CommandError('CommandNotSupported', `the stage ${name} is not supported by the embedded database`)
  }
}

/** Search is a service beside the database. */
function refuseSearch(name: string): StageOperator {
  return () => {
    throw new CommandError(
      'SearchNotEnabled',
      `the stage ${name} needs Atlas; the embedded database does not support it`,
    )
  }
}
