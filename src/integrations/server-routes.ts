// The routes that every server has beside its own: how it is, and what it can do.
import * as z from 'zod'
import type { ServerDatabase } from './database.ts'
import { type OpenApiInfo, openApi } from './openapi.ts'
import { openApiPage } from './openapi-page.ts'
import { answer, type Route } from './route.ts'

/** Where a server tells of itself; `false` leaves it out. */
export interface ServerRouteOptions {
  /** Where it says whether the database answers: `/health` if left out. */
  readonly health?: string | false
  /** What the OpenAPI document says of itself, and where it and its page lie; both are left out by `false`. */
  readonly openApi?: (OpenApiInfo & { readonly path?: string; readonly page?: string }) | false
}

/** Makes these routes. `all` gives every route there is, when the document is asked for. */
export function serverRoutes(
  options: ServerRouteOptions,
  { database, all }: { readonly database: ServerDatabase; all(): readonly Route[] },
): readonly Route[] {
  const { health = '/health', openApi: about = {} } = options
  return [
    ...(health === false ? [] : [healthRoute(health, database)]),
    ...(about === false ? [] : openApiRoutes(about, all)),
  ]
}

function healthRoute(path: string, database: ServerDatabase): Route {
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
  const hidden = new Set([path, page])
  const document = () =>
    openApi(
      all().filter(route => !hidden.has(route.path)),
      info,
    )
  const routes: Route[] = [
    { method: 'GET', path, handle: () => document() },
    {
      method: 'GET',
      path: page,
      handle: () => answer(200, openApiPage(document(), path), pageHeaders),
    },
  ]
  return routes
}

// The page has no script at all, and lets none be put into it.
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
}
