// A plugin of the shop's own: each document belongs to a tenant, and no call reaches those of another.
import { AsyncLocalStorage } from 'node:async_hooks'
import { definePlugin, z } from 'goose-odm'

const tenants = new AsyncLocalStorage<string>()

/** Does everything inside for one tenant; a server calls it once for each request. */
export function asTenant<T>(name: string, act: () => T): T {
  return tenants.run(name, act)
}

/** Fails where no tenant is set: a mistake then finds nothing instead of everything. */
function currentTenant(): string {
  const name = tenants.getStore() ?? process.env.SHOP_TENANT
  if (name) return name
  throw new Error('no tenant is set: use asTenant(), or SHOP_TENANT on the command line')
}

function isCurrent(name: string): boolean {
  return name === currentTenant()
}

export const tenant = definePlugin({
  name: 'tenant',
  /** Is filled in when a document is made, and takes no other value, neither in a document nor in an update. */
  fields: { tenant: z.string().refine(isCurrent, 'is another tenant').default(currentTenant) },
  /** Is added to the filter of every read, update and delete, and inside of joins. */
  scope: () => ({ tenant: currentTenant() }),
})
