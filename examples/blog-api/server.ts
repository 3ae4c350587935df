// Starts the blog API: on MONGODB_URI, or on the embedded database beside this file; stops when told to.
import { blogApp } from './app.ts'

const uri = process.env.MONGODB_URI ?? `embedded:${import.meta.dirname}/.goose/data`
const app = await blogApp({ uri })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close())

try {
  const address = await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' })
  console.log(`The blog listens at ${address}, described at ${address}/docs`)
} catch (error) {
  console.error(`The blog cannot start: ${error instanceof Error ? error.message : error}`)
  await app.close()
  process.exitCode = 1
}
