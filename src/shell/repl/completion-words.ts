// The words that Tab offers beside those of the schema: operators of filters, updates and pipelines.

const words = (text: string) => text.split(' ')

export const fieldOperators = words(
  '$eq $ne $gt $gte $lt $lte $in $nin $exists $regex $not $all $size $elemMatch $type $mod',
)
export const filterOperators = words('$and $or $nor $expr')
export const updateOperators = words(
  '$set $unset $inc $mul $min $max $rename $push $pull $addToSet $pop $currentDate $setOnInsert $bit',
)
export const stages = words(
  '$match $group $project $set $unset $sort $limit $skip $lookup $unwind $count $facet $bucket $sortByCount $sample $graphLookup $replaceRoot $unionWith $out $merge',
)
export const accumulators = words('$sum $avg $min $max $first $last $push $addToSet $count $stdDevPop')

/** What a value of a type may begin with. */
export const beginnings: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  date: ["ISODate('", 'new Date()'],
  objectId: ["ObjectId('"],
}

/** Methods of models and queries by what their first argument is. */
export const filterMethods = new Set(words('find findOne count exists updateMany deleteMany findDeleted distinct'))
export const pathMethods = new Set(words('sort select populate distinct'))
export const documentMethods = new Set(words('create insertMany validate'))

/** Methods that give one document. */
export const givingDocument = new Set(words('findOne get create first one'))
/** Methods that give a query, when they are asked of a model. */
export const givingQuery = new Set(words('find findDeleted archived withArchive'))
/** Methods of a query that do not give a query. */
export const endingQuery = new Set(
  words('all count exists page after before updateMany deleteMany plan planDelete explain distinct lean state'),
)
