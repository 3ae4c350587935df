// Books of the library, each by one author.
import { model, ref, z } from 'goose-odm'
import { Author } from './author.ts'

export class Book extends model('Book', {
  title: z.string().min(1),
  author: ref(() => Author),
  tags: z.array(z.string()).default([]),
  published: z.boolean().default(false),
  pages: z.int().nonnegative(),
  printedAt: z.date().optional(),
}) {}
