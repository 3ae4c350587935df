// Notes of the library; deleted ones are kept.
import { model, ref, softDelete, z } from 'goose-odm'
import { Book } from './book.ts'

export class Note extends model(
  'Note',
  {
    text: z.string().min(1),
    book: ref(() => Book),
    place: z.object({ page: z.int(), line: z.int().optional() }).optional(),
  },
  { plugins: [softDelete()] },
) {}
