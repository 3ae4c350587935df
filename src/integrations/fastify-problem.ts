// How a fastify server answers what has failed, and by which id a request is known.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import { requestIdOf } from './request-context.ts'
import { allowedBy } from './router.ts'

/** Answers paths that fastify itself cannot read by problem documents as well: `fastify({ frameworkErrors })`. */
export function frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  refuse(error, request, reply)
}

/** Sends the problem document of an error. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const requestId = requestIdFor(request, reply)
  const allowed = allowedBy(error)
  if (allowed !== undefined) reply.header('allow', allowed)
  if (allowed !== undefined && request.method === 'OPTIONS') return void reply.code(204).send()
  const problem = problemOf(error, { instance: pathOf(request), requestId })
  if (problem.status >= 500) request.log.error({ err: error, requestId }, 'the request failed')
  void reply.code(problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem)
}

/** Gives the id of a request, which its answer tells. */
export function requestIdFor(request: FastifyRequest, reply: FastifyReply): string {
  const there = requestIds.get(request)
  if (there !== undefined) return there
  const requestId = requestIdOf(request.headers['x-request-id'])
  requestIds.set(request, requestId)
  reply.header('x-request-id', requestId)
  return requestId
}

/** Gives the path that was asked. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

const requestIds = new WeakMap<FastifyRequest, string>()
