// The configuration of the library that command tests run in.
import { defineConfig, env } from 'goose-odm'

export default defineConfig({
  models: 'models/*.ts',
  connection: 'here',
  policies: {
    'old-books': { model: 'Book', archive: { olderThan: '1d', by: 'printedAt' }, where: { published: true } },
    'gone-readers': { model: 'Reader', deleted: 'only', purge: { olderThan: '90d' } },
  },
  connections: {
    here: { uri: env('MONGODB_URI') },
    guarded: { uri: env('MONGODB_URI'), protected: true },
    nowhere: { uri: 'mongodb://user:swordfish@127.0.0.1:1/' },
  },
})
