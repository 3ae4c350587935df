// The routes that every server has beside its own: how it is, and what it can do.
import * as z from 'zod'
import type { ServerDatabase } from './database.ts'
import { type OpenApiInfo, openApi } from './openapi.ts'
import { openApiPage } from './openapi-page.ts'
import { answer, type Route, type RouteRequest } from './route.ts'

/** Where a server tells of itself; `false` leaves it out. */
export interface ServerRouteOptions {
  /** Stands before the paths of all routes, as `/api`. */
  readonly prefix?: string
  /** Where it says whether the database answers: `/health` if left out. */
  readonly health?: string | false
  /** What the OpenAPI document says of itself, and where it and its page lie; both are left out by `false`. */
  readonly openApi?: (OpenApiInfo & { readonly path?: string; readonly page?: string }) | false
}

/** Makes these routes. `all` gives every route there is, when the document is asked for. */
export function serverRoutes(
  options: ServerRouteOptions,
  { database, all }: { readonly database: Pick<ServerDatabase, 'ping'>; all(): readonly Route[] },
): readonly Route[] {
  const { health = '/health', openApi: about = {} } = options
  return [
    ...(health === false ? [] : [healthRoute(health, database)]),
    ...(about === false ? [] : openApiRoutes(about, all)),
  ]
}

function healthRoute(path: string, database: Pick<ServerDatabase, 'ping'>): Route {
  return {
    method: 'GET',
    path,
    summary: 'Says whether the database answers',
    responses: { 200: { description: 'It answers', schema: z.object({ status: z.literal('ok') }) } },
    handle: async () => {
      await database.ping()
      return { status: 'ok' }
    },
  }
}

function openApiRoutes(about: Exclude<ServerRouteOptions['openApi'], false | undefined>, all: () => readonly Route[]) {
  const { path = '/openapi.json', page = '/docs', ...info } = about
  const document = () => openApi(all(), info)
  const show = ({ url }: RouteRequest) => {
    const before = url.split('?', 1)[0]!.slice(0, -page.length)
    return answer(200, openApiPage(document(), `${before}${path}`), pageHeaders)
  }
  const routes: Route[] = [
    { method: 'GET', path, unlisted: true, handle: () => document() },
    { method: 'GET', path: page, unlisted: true, handle: show },
  ]
  return routes
}

// The page has no script at all, and lets none be put into it.
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
}
