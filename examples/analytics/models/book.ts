// Books of a publisher: most ids are numbers, some are ObjectIds, and many fields are missing here or there.
import { model, objectId, z } from 'goose-odm'

export class Book extends model('Book', {
  _id: z.union([z.int(), objectId()]),
  title: z.string(),
  isbn: z.string().optional(),
  pageCount: z.int(),
  publishedDate: z.date().optional(),
  thumbnailUrl: z.string().optional(),
  shortDescription: z.string().optional(),
  longDescription: z.string().optional(),
  status: z.enum(['PUBLISH', 'MEAP']),
  authors: z.array(z.string()),
  categories: z.array(z.string()),
}) {}
