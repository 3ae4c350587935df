// The blog as a fastify application: users, posts and comments, signed in by token.
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { ObjectId } from 'goose-odm'
import { frameworkErrors, goose } from 'goose-odm/fastify'
import { resource } from 'goose-odm/http'
import { commentRoutes } from './comments.ts'
import { Comment } from './models/comment.ts'
import { Post } from './models/post.ts'
import { User } from './models/user.ts'
import { refused, signedIn } from './sign-in.ts'
import { signUp } from './sign-up.ts'

const users = resource(User, { path: '/users', actions: ['list', 'get'], sort: ['name'] })

const posts = resource(Post, {
  path: '/posts',
  filter: ['author', 'tags', 'createdAt'],
  sort: ['createdAt', 'title', 'views'],
  defaultSort: '-createdAt',
  populate: { author: { select: ['name'] } },
  alwaysPopulate: ['author'],
  serverSet: ['author', 'views'],
  onCreate: request => ({ author: signedIn(request) }),
  authorize: (action, { request, document }) => {
    if (action === 'list' || action === 'get') return
    if (document && !signedIn(request).equals(document.author._id)) throw refused(403, 'only its author may do that')
  },
})

/** Makes the application; it connects when it is ready and disconnects when it is closed. */
export async function blogApp(options: { readonly uri: string; readonly logger?: boolean }): Promise<FastifyInstance> {
  const app = fastify({ logger: options.logger ?? false, frameworkErrors })
  await app.register(goose, {
    database: { uri: options.uri },
    user: userOf,
    openApi: { title: 'Blog', version: '1.0.0', description: 'Users, posts and comments' },
    routes: [signUp, users, posts, commentRoutes],
  })
  app.addHook('onReady', async () => {
    for (const model of [User, Post, Comment]) await model.ensureCollection()
  })
  return app
}

/** Says who asks: whoever has the token. A wrong one is told so, none at all is nobody. */
async function userOf(request: FastifyRequest): Promise<{ userId: ObjectId } | undefined> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return undefined
  const user = await User.byToken(token)
  if (!user) throw refused(401, 'the token is not known')
  return { userId: user._id }
}
