// Mongoose and goose on the same documents: each sees what the other writes, and neither writes over the other.
import assert from 'node:assert/strict'
import { defineJob, VersionConflict } from 'goose-odm'
import mongoose from 'mongoose'
import * as old from './app/models.mjs'
import { Bike } from './models/bike.ts'
import { Rental } from './models/rental.ts'

export default defineJob({
  name: 'side-by-side',
  async run({ log }) {
    await mongoose.connect(process.env.MONGODB_URI ?? '')
    try {
      await readTheSame()
      log('both read the same')
      await seeEachOther()
      log('each sees what the other has changed')
      await refuseStaleSaves()
      log('a stale save is refused on either side')
      await checkAlike()
      log('both refuse what the schema does not allow')
    } finally {
      await mongoose.disconnect()
    }
  },
})

async function readTheSame() {
  const theirs = await old.Rental.findOne({ state: 'open' }).sort('until').populate('bike')
  const ours = await Rental.find({ state: 'open' }).sort('until').populate('bike').first()
  assert.equal(String(ours?._id), String(theirs?._id))
  assert.deepEqual(ours?.until, theirs?.until)
  assert.equal(ours?.bike.label, theirs?.bike.label)
}

async function seeEachOther() {
  const ours = await Bike.create({ label: 'B-900', kind: 'cargo', pricePerDay: 30, tags: [] })
  const theirs = await old.Bike.findById(ours._id).orFail()
  assert.equal(theirs.get('__v'), 0) // what Mongoose would have written itself
  assert.deepEqual(theirs.createdAt, ours.createdAt)

  theirs.tags.push('electric')
  await theirs.save()
  await ours.reload()
  assert.deepEqual(ours.tags, ['electric'])
  assert.ok(ours.updatedAt > ours.createdAt)
  await ours.delete()
  assert.equal(await old.Bike.countDocuments({ label: 'B-900' }), 0)
}

/** Mongoose counts changes of lists in `__v`, and goose every save: whoever comes second with a list is told. */
async function refuseStaleSaves() {
  const ours = await Rental.find({ 'notes.0': { $exists: true } })
    .sort('_id')
    .first()
  const theirs = await old.Rental.findById(ours?._id).orFail()
  assert.ok(ours)
  const { notes, __v } = ours

  ours.notes = [...notes, { text: 'new tyre', at: new Date() }]
  await ours.save()
  assert.equal(ours.__v, __v + 1)
  theirs.notes.splice(0, 1)
  await assert.rejects(theirs.save(), { name: 'VersionError' })

  const again = await old.Rental.findById(ours._id).orFail()
  again.notes.splice(1, 1)
  await again.save()
  ours.notes = []
  await assert.rejects(ours.save(), VersionConflict)
  assert.equal((await Rental.get(ours._id)).notes.length, notes.length)
}

async function checkAlike() {
  const input = { label: 'B-901', kind: 'unicycle', pricePerDay: 5, tags: [] }
  await assert.rejects(old.Bike.create(input), { name: 'ValidationError' })
  await assert.rejects(Bike.create(input), { code: 'VALIDATION_FAILED' })
}
