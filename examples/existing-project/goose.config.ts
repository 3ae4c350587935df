// The configuration, as `goose init --from-database` has written it.
import { defineConfig } from 'goose-odm'

// The database is the one of MONGODB_URI.
export default defineConfig({
  models: 'models/*.ts',
})
