// Finds the route of a path: fixed segments go before parameters.
import { GooseError } from '../errors.ts'
import { RequestInvalid } from './request-invalid.ts'
import type { Route } from './route.ts'

/** A route that was found, with the parameters of its path. */
export interface FoundRoute {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** Finds routes by method and path. Throws `ROUTE_NOT_FOUND` and `METHOD_REFUSED`. */
export type Router = (method: string, path: string) => FoundRoute

interface Node {
  readonly fixed: Map<string, Node>
  parameter: Node | undefined
  readonly routes: Map<string, { readonly route: Route; readonly names: readonly string[] }>
}

/** Makes the router of routes; the first of two equal ones counts. */
export function routerOf(routes: readonly Route[]): Router {
  const root = emptyNode()
  for (const route of routes) add(root, route)
  return (method, path) => {
    const segments = segmentsOf(path).map(decoded)
    const ends = nodesAt(root, segments, [])
    const asked = method === 'HEAD' ? 'GET' : method
    for (const { node, values } of ends) {
      const found = node.routes.get(asked)
      if (found)
        return { route: found.route, params: Object.fromEntries(found.names.map((name, i) => [name, values[i]!])) }
    }
    const allowed = new Set(ends.flatMap(({ node }) => [...node.routes.keys()]))
    if (allowed.size === 0) throw new GooseError('ROUTE_NOT_FOUND', { method, path })
    if (allowed.has('GET')) allowed.add('HEAD')
    throw new GooseError('METHOD_REFUSED', { method, path, allowed: [...allowed, 'OPTIONS'].join(', ') })
  }
}

/** Gives the methods that a path takes, when the error is that it does not take another. */
export function allowedBy(error: unknown): string | undefined {
  return error instanceof GooseError && error.code === 'METHOD_REFUSED' ? String(error.meta.allowed) : undefined
}

function add(root: Node, route: Route): void {
  const names: string[] = []
  let node = root
  for (const segment of segmentsOf(route.path)) {
    if (segment.startsWith(':')) {
      names.push(segment.slice(1))
      node.parameter ??= emptyNode()
      node = node.parameter
    } else {
      const next = node.fixed.get(segment) ?? emptyNode()
      node.fixed.set(segment, next)
      node = next
    }
  }
  if (!node.routes.has(route.method)) node.routes.set(route.method, { route, names })
}

interface End {
  readonly node: Node
  readonly values: readonly string[]
}

function nodesAt(node: Node, segments: readonly string[], values: readonly string[]): readonly End[] {
  const [segment, ...rest] = segments
  if (segment === undefined) return node.routes.size > 0 ? [{ node, values }] : []
  const fixed = node.fixed.get(segment)
  return [
    ...(fixed ? nodesAt(fixed, rest, values) : []),
    ...(node.parameter && segment !== '' ? nodesAt(node.parameter, rest, [...values, segment]) : []),
  ]
}

// Exact: a path with a slash too many is another one, as whoever stands before the server may think so, too.
function segmentsOf(path: string): readonly string[] {
  return path.replace(/^\//, '').split('/')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new RequestInvalid('path', [{ path: segment, message: 'is not text in percent-encoding' }])
  }
}

function emptyNode(): Node {
  return { fixed: new Map(), parameter: undefined, routes: new Map() }
}
