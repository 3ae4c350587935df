// The configuration of the library that command tests run in.
import { defineConfig, env } from 'goose-odm'

export default defineConfig({
  models: 'models/*.ts',
  connection: 'here',
  connections: {
    here: { uri: env('MONGODB_URI') },
    guarded: { uri: env('MONGODB_URI'), protected: true },
    nowhere: { uri: 'mongodb://user:swordfish@127.0.0.1:1/' },
  },
})
