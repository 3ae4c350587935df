// The models of a bike rental as it was before goose: Mongoose schemas, which stay as they are.
import mongoose from 'mongoose'

const { ObjectId } = mongoose.Schema.Types

export const Bike = mongoose.model(
  'Bike',
  new mongoose.Schema(
    {
      label: { type: String, required: true, unique: true },
      kind: { type: String, enum: ['city', 'cargo', 'race'], required: true },
      pricePerDay: { type: Number, min: 1 },
      tags: [String],
    },
    { timestamps: true },
  ),
)

export const Customer = mongoose.model(
  'Customer',
  new mongoose.Schema(
    {
      name: { type: String, required: true },
      email: { type: String, required: true, unique: true, lowercase: true },
      passwordHash: String,
    },
    { timestamps: true },
  ),
)

export const Rental = mongoose.model(
  'Rental',
  new mongoose.Schema(
    {
      bike: { type: ObjectId, ref: 'Bike', required: true },
      customer: { type: ObjectId, ref: 'Customer', required: true },
      from: { type: Date, required: true },
      until: { type: Date, required: true },
      returnedAt: Date,
      state: { type: String, enum: ['open', 'returned', 'late'], default: 'open' },
      notes: [{ _id: false, text: String, at: Date }],
    },
    { timestamps: true },
  ).index({ state: 1, until: 1 }),
)
