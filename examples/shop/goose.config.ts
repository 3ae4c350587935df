// The config of the shop: where its models are, and what may become of old posts without anybody being asked.
import { defineConfig } from 'goose-odm'

export default defineConfig({
  models: 'models/*.ts',
  policies: {
    'old-posts': { model: 'Post', archive: { olderThan: '365d', by: 'createdAt' }, where: { pinned: false } },
  },
})
