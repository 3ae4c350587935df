// The config of the benchmarks' project.
import { defineConfig } from 'goose-odm'

export default defineConfig({ models: 'models/*.ts' })
