// The routes of comments: those of a post, and deleting one's own.
import { answer, createSchema, documentSchema, objectIdParam, pageQuery, pageSchema, route } from 'goose-odm/http'
import { Comment } from './models/comment.ts'
import { Post } from './models/post.ts'
import { refused, signedIn } from './sign-in.ts'

const ofPost = route({
  method: 'GET',
  path: '/posts/:id/comments',
  summary: 'Lists the comments of a post, oldest first',
  tag: 'Comment',
  params: objectIdParam(),
  query: pageQuery({ size: 50 }),
  responses: { 200: { description: 'A page', schema: pageSchema(Comment) } },
  handle: async ({ params, query }) => {
    const post = await Post.get(params.id)
    const comments = Comment.find({ post }).sort('createdAt')
    return comments.populate('author', { select: ['name'], onMissing: 'null' }).page(query)
  },
})

const write = route({
  method: 'POST',
  path: '/posts/:id/comments',
  summary: 'Comments on a post',
  tag: 'Comment',
  params: objectIdParam(),
  body: createSchema(Comment, { serverSet: ['post', 'author'] }),
  responses: { 201: { description: 'The comment', schema: documentSchema(Comment) } },
  handle: async request => {
    const author = signedIn(request)
    const { _id: post } = await Post.get(request.params.id)
    return answer(201, await Comment.create({ ...request.body, post, author }))
  },
})

const remove = route({
  method: 'DELETE',
  path: '/comments/:id',
  summary: 'Deletes a comment of one’s own',
  tag: 'Comment',
  params: objectIdParam(),
  handle: async request => {
    const comment = await Comment.get(request.params.id)
    if (!signedIn(request).equals(comment.author._id)) throw refused(403, 'only its author may do that')
    await comment.delete()
  },
})

export const commentRoutes = [ofPost, write, remove]
