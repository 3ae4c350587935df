// Makes the same posts and users for every contestant: 10,000 posts of about 600 bytes by 1,000 authors.
import { ObjectId } from '../node_modules/mongodb/lib/index.js'

const words = 'stream goose harbour quiet index paper winter copper lantern orchard signal river'.split(' ')

export function posts(count, users) {
  return Array.from({ length: count }, (_, n) => ({
    _id: new ObjectId(),
    title: sentence(n, 6),
    body: sentence(n * 7, 42),
    author: users[n % users.length]._id,
    tags: [words[n % 12], words[(n * 5) % 12], words[(n * 7) % 12]],
    views: (n * 7919) % 10_000,
    rating: ((n * 31) % 50) / 10 + 0.05,
    published: n % 3 !== 0,
    source: { name: words[n % 12], words: 42, language: n % 4 ? 'en' : 'de' },
    createdAt: new Date(1_700_000_000_000 + n * 60_000),
    updatedAt: new Date(1_700_000_000_000 + n * 90_000),
  }))
}

export function users(count) {
  return Array.from({ length: count }, (_, n) => ({
    _id: new ObjectId(),
    name: `${words[n % 12]} ${n}`,
    email: `user${n}@example.com`,
    role: n % 10 ? 'author' : 'admin',
  }))
}

/** Reads every field of a post; `authorOf` says how to reach the author's id. */
export function readPost(post, authorOf) {
  let sum = post._id.id.length + post.title.length + post.body.length + post.views + post.rating
  sum += authorOf(post).id.length + (post.published ? 1 : 0)
  for (const tag of post.tags) sum += tag.length
  sum += post.source.name.length + post.source.words + post.source.language.length
  return sum + post.createdAt.getTime() + post.updatedAt.getTime()
}

export function readUser(user) {
  return user._id.id.length + user.name.length + user.email.length + user.role.length
}

function sentence(seed, length) {
  return Array.from({ length }, (_, n) => words[(seed + n * (1 + (seed % 5))) % 12]).join(' ')
}
