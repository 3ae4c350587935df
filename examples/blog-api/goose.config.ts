// The config of the blog API: goose's commands find its models, and its embedded database beside this file.
import { defineConfig } from 'goose-odm'

export default defineConfig({ models: 'models/*.ts' })
