// The shape of updates as users write them; paths and values are checked against the model when they are sent.

type Paths = Readonly<Record<string, unknown>>

/** An update: operators, or a pipeline. */
export type UpdateDocument =
  | {
      readonly $set?: Paths
      readonly $unset?: Paths
      readonly $inc?: Paths
      readonly $mul?: Paths
      readonly $min?: Paths
      readonly $max?: Paths
      readonly $rename?: Paths
      readonly $currentDate?: Paths
      readonly $push?: Paths
      readonly $addToSet?: Paths
      readonly $pull?: Paths
      readonly $pullAll?: Paths
      readonly $pop?: Paths
      readonly $bit?: Paths
    }
  | readonly Paths[]
