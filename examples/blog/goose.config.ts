// The config of the blog: where its models are; without a connection goose uses the embedded database beside it.
import { defineConfig } from 'goose-odm'

export default defineConfig({ models: 'models/*.ts' })
