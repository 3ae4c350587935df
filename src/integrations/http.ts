// The public API of goose-odm/http by name: routes, resources, problems and the web handler.
export { type BodyOptions, createSchema, updateSchema } from './body-schema.ts'
export type { DatabaseOptions } from './database.ts'
export { type ConnectionInfo, type Handler, type HandlerOptions, httpHandler } from './handler.ts'
export { jsonText } from './json-text.ts'
export { nodeListener } from './node-listener.ts'
export { type OpenApiDocument, type OpenApiInfo, openApi } from './openapi.ts'
export { cursorQuery, objectIdParam, type PageSizes, pageQuery } from './page-query.ts'
export { type Problem, problemOf } from './problem.ts'
export type { UserAnswer } from './request-context.ts'
export { RequestInvalid } from './request-invalid.ts'
export { resource } from './resource.ts'
export type { Action, ResourceOptions } from './resource-options.ts'
export { documentSchema, pageSchema } from './response-schema.ts'
export {
  type Answer,
  answer,
  type Method,
  type ResponseNote,
  type Route,
  type RouteRequest,
  route,
  under,
} from './route.ts'
export type { ServerRouteOptions } from './server-routes.ts'
