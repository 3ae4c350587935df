// The config of the analytics example: where its models are.
import { defineConfig } from 'goose-odm'

export default defineConfig({ models: 'models/*.ts' })
