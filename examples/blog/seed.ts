// Fills the blog with users, categories, posts and comments; the library is used as any program would use it.
import { Category } from './models/category.ts'
import { Comment } from './models/comment.ts'
import { Post } from './models/post.ts'
import { User } from './models/user.ts'

/** Adds everything to the connected database and says how many documents of each model it made. */
export async function seed(): Promise<Record<string, number>> {
  const users = await User.insertMany(people)
  const [ada, grace, linus, barbara] = users as [User, User, User, User]

  const science = await Category.create({ name: 'Science' })
  const computing = await Category.create({ name: 'Computing', parent: science })
  const databases = await Category.create({ name: 'Databases', parent: computing })
  const life = await Category.create({ name: 'Life' })

  const written = await Post.insertMany([
    post('Notes on the analytical engine', ada, computing, ['history', 'machines'], 1843, 40),
    post('Streams in anger', ada, databases, ['streams', 'node'], 941, 3),
    post('The first bug was a moth', grace, computing, ['history', 'debugging'], 1947, 21),
    post('A compiler is a promise', grace, computing, ['compilers'], 512, 14),
    post('日本語のとても長いタイトル', barbara, life, ['language'], 77, 9),
    post('Abstraction by specification', barbara, science, ['types', 'proofs'], 268, 6),
    post('Just for fun', linus, life, ['kernels', 'fun'], 1991, 400),
    { ...post('A draft nobody has read', linus, databases, [], 0, 1), published: false },
  ])
  const [engine, streams, moth] = written as [Post, Post, Post]

  const comments = await Comment.insertMany([
    { post: engine, by: grace, text: 'Where can I get one?', likes: 12 },
    { post: engine, by: linus, text: 'Does it run on my machine?', likes: 40 },
    { post: streams, by: barbara, text: 'Back-pressure, at last.', likes: 7 },
    { post: moth, by: ada, text: 'Mine were all on paper.', likes: 31 },
    { post: moth, by: barbara, text: 'Taped into the log book!', likes: 9 },
  ])
  return { users: users.length, categories: 4, posts: written.length, comments: comments.length }
}

const people = [
  { name: 'Ada Lovelace', email: 'ada@example.com', role: 'admin' as const },
  { name: 'Grace Hopper', email: 'grace@example.com' },
  { name: 'Linus Torvalds', email: 'linus@example.com' },
  { name: 'Barbara Liskov', email: 'barbara@example.com' },
]

function post(title: string, author: User, category: Category, tags: string[], views: number, daysAgo: number) {
  const createdAt = new Date(Date.now() - daysAgo * 86_400_000)
  return { title, author, category, tags, views, createdAt, published: true, body: `${title}, at length.` }
}
