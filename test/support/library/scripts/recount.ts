// Counts the books of each author anew.
import { defineJob } from 'goose-odm'
import { Author } from '../models/author.ts'
import { Book } from '../models/book.ts'

export default defineJob({
  name: 'recount',
  async run({ step, log }) {
    for await (const author of Author.find().sort('_id'))
      await step(`author ${author._id}`, async () => log(`${author.name}: ${await Book.find({ author }).count()}`))
  },
})
