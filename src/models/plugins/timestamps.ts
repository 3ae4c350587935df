// The timestamps plugin: createdAt and updatedAt, kept on every way of writing.
import * as z from 'zod'
import { definePlugin, type Plugin } from '../plugin.ts'

interface TimestampFields {
  readonly createdAt: z.ZodDefault<z.ZodDate>
  readonly updatedAt: z.ZodDefault<z.ZodDate>
  readonly [key: string]: z.core.SomeType
}

/** Adds `createdAt` and `updatedAt`; a save, an update and an updateMany move `updatedAt`. */
export function timestamps(): Plugin<Pick<TimestampFields, 'createdAt' | 'updatedAt'>> {
  return definePlugin({
    name: 'timestamps',
    fields: {
      createdAt: z.date().default(() => new Date()),
      updatedAt: z.date().default(() => new Date()),
    },
    hooks: {
      preSave(document) {
        const now = new Date()
        if (document.isNew && !document.createdAt) document.createdAt = now
        if (document.isNew) document.updatedAt = document.createdAt
        else document.updatedAt = now
      },
    },
    settings: { updatedAt: 'updatedAt', createdAt: 'createdAt' },
  })
}
