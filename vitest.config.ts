// Runs the tests from source; GOOSE_TEST_URI points the same suite at a MongoDB server.
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^goose-odm$/, replacement: resolve(import.meta.dirname, 'src/index.ts') },
      { find: /^goose-odm\/embedded$/, replacement: resolve(import.meta.dirname, 'src/embedded/index.ts') },
      { find: /^goose-odm\/(fastify|http)$/, replacement: resolve(import.meta.dirname, 'src/integrations/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: process.env.GOOSE_TEST_URI ? ['test/support/reference-exceptions.ts'] : [],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // On two processors vitest would use one: half of the time is spent waiting for processes and disks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
