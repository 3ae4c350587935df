// Encrypts with the newest of GOOSE_KEYS what an older one has encrypted: goose run jobs/re-encryption.ts.
import { defineJob } from 'goose-odm'
import { Supplier } from '../models/supplier.ts'

export default defineJob({
  name: 're-encryption',
  async run({ step, log, progress, signal }) {
    for (const model of [Supplier]) {
      // What is done is passed over, so a step that was cut off may simply be done again.
      const { read, changed } = await step(model.modelName, () =>
        model.rotateKeys({
          onBatch: ({ read }) => {
            signal.throwIfAborted()
            progress(read)
          },
        }),
      )
      await log(`${model.modelName}: ${changed} of ${read} encrypted anew`)
    }
  },
})
