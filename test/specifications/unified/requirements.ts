// Decides which tests the server at hand can be asked, and says why others are skipped.
import type { Db, MongoClient } from 'mongodb'
import type { Operation, Requirement, Specification, SpecificationTest } from './specification.ts'

export interface Abilities {
  readonly version: string
  readonly topology: string
  readonly failPoints: boolean
}

export async function abilitiesOf(client: MongoClient): Promise<Abilities> {
  const { version } = await client.db('admin').command({ buildInfo: 1 })
  const hello = await client.db('admin').command({ hello: 1 })
  const topology = hello.setName !== undefined ? 'replicaset' : hello.msg === 'isdbgrid' ? 'sharded' : 'single'
  return { version: version as string, topology, failPoints: await hasFailPoints(client.db('admin')) }
}

/** Tells whether a command can be made to fail. */
async function hasFailPoints(admin: Db): Promise<boolean> {
  const failPoint = {
    configureFailPoint: 'failCommand',
    mode: { times: 1 },
    data: { failCommands: ['ping'], errorCode: 8 },
  }
  try {
    await admin.command(failPoint)
    const failed = await admin.command({ ping: 1 }).then(
      () => false,
      () => true,
    )
    await admin.command({ configureFailPoint: 'failCommand', mode: 'off' })
    return failed
  } catch {
    return false
  }
}

/** Gives the reason to skip a test; undefined when it is to run. */
export function skipReason(
  test: SpecificationTest,
  { runOnRequirements }: Specification,
  abilities: Abilities,
): string | undefined {
  if (test.skipReason !== undefined) return `skipped by the specification: ${test.skipReason}`
  const unmet = unmetRequirement(runOnRequirements, abilities) ?? unmetRequirement(test.runOnRequirements, abilities)
  if (unmet !== undefined) return unmet
  if (!abilities.failPoints && needsFailPoint(test.operations)) return 'needs fail points'
  return undefined
}

/** One requirement of the list must be met in full. */
function unmetRequirement(requirements: readonly Requirement[] | undefined, abilities: Abilities): string | undefined {
  if (requirements === undefined || requirements.length === 0) return undefined
  const reasons = requirements.map(requirement => unmetBy(requirement, abilities))
  return reasons.includes(undefined) ? undefined : reasons[0]
}

function unmetBy(requirement: Requirement, { version, topology }: Abilities): string | undefined {
  const { minServerVersion: least, maxServerVersion: most, topologies, auth } = requirement
  if (topologies !== undefined && !topologies.includes(topology)) return `is about ${topologies.join(', ')}`
  if (least !== undefined && compareVersions(version, least) < 0) return `needs a server of ${least} or later`
  if (most !== undefined && compareVersions(version, most) > 0) return `is about servers up to ${most}`
  if (auth === true) return 'needs authentication'
  if (requirement.serverParameters !== undefined) return 'needs server parameters'
  return requirement.csfle === undefined || requirement.csfle === false ? undefined : 'needs client-side encryption'
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map(text => text.split('.').map(part => Number.parseInt(part, 10)))
  for (let i = 0; i < 3; i++) {
    const difference = (a![i] ?? 0) - (b![i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function needsFailPoint(operations: readonly Operation[]): boolean {
  return operations.some(({ name }) => name === 'failPoint' || name === 'targetedFailPoint')
}
