import { MongoClient, MongoServerError, BSON } from 'mongodb'
import { startEmbedded } from './src/embedded/index.ts'
import { randomFrom } from './test/support/random-values.ts'
import { randomDocuments, randomFilter, randomSort } from './.probe/src/random-documents.ts'
import { randomChange, randomProjection } from './.probe/src/random-changes.ts'
import { randomPipeline } from './.probe/src/random-pipelines.ts'
const [kind, seed0, rounds, perRound = '60', most='12'] = process.argv.slice(2)
const e = await startEmbedded({ durable: false })
const a = await MongoClient.connect(e.uri), b = await MongoClient.connect('mongodb://127.0.0.1:27117/')
const name = 'compat_' + process.pid
const dbs = [a.db(name), b.db(name)]
const RAW = { promoteValues: false, bsonRegExp: true } as const
const text = (v: unknown) => BSON.EJSON.stringify(v, { relaxed: false })
async function ask(db, command) {
  try { const r = await db.command(command, RAW); return r } catch (error) { if (error instanceof MongoServerError) return { error: Number(error.code), m: error.message }; throw error }
}
const all = async db => (await ask(db, { find: 'c', sort: { _id: 1 } })).cursor.firstBatch
const seen = new Map()
let n = 0, different = 0
for (let round = 0; round < Number(rounds); round++) {
  const random = randomFrom(Number(seed0) + round)
  let docs = randomDocuments(random, 20)
  if (kind==='sorts') docs = docs.map(d => BSON.EJSON.parse(text(d).replace(/\[\]/g,'7'), {relaxed:false}))
  const fill = () => Promise.all(dbs.map(async db => { await db.command({ drop: 'c' }).catch(() => 0); await db.command({ insert: 'c', documents: docs }) }))
  await fill()
  for (let i = 0; i < Number(perRound); i++) {
    n++
    let command, answers
    const small = () => docs
    if (kind === 'filters') command = { find: 'c', filter: randomFilter(random), projection: { _id: 1 }, sort: { _id: 1 } }
    else if (kind === 'sorts') command = { find: 'c', filter: {}, sort: randomSort(random), projection: { _id: 1 } }
    else if (kind === 'projections') command = { find: 'c', filter: {}, sort: { _id: 1 }, projection: randomProjection(random) }
    else if (kind === 'distinct') command = { distinct: 'c', key: randomSort(random) && Object.keys(randomSort(random))[0], query: {} }
    else if (kind === 'pipelines') command = { aggregate: 'c', pipeline: randomPipeline(random), cursor: {} }
    if (kind === 'updates') {
      docs = randomDocuments(random, 5); await fill()
      const change = randomChange(random)
      command = { update: 'c', updates: [change] }
      answers = await Promise.all(dbs.map(async db => { const r = await ask(db, command); const codes = r.error ?? r.writeErrors?.map(w => Number(w.code)).join(); return { code: codes, m: r.m ?? r.writeErrors?.[0]?.errmsg, t: codes ? '' : `${r.n}/${r.nModified} ` + text(await all(db)).replace(/"_id":\{"\$oid":"[0-9a-f]{24}"\}/g, '"_id":NEW') } }))
    } else answers = await Promise.all(dbs.map(async db => { const r = await ask(db, command); const list = r.cursor?.firstBatch ?? r.values; return { code: r.error, m: r.m, t: r.error ? '' : (kind==='pipelines' && !JSON.stringify(command).includes('$sort"') || kind === 'distinct') ? text(list.map(text).sort()) : text(list) } }))
    const [x, y] = answers
    if (x.code === y.code && x.t === y.t) continue
    different++
    if (process.env.ONLY && (x.code || y.code)) continue
    const key = (x.code || y.code) ? `${x.code}|${y.code}|${kind==='updates'?Object.keys(command.updates[0].u):''}` : text(command).replace(/[0-9]+/g,'').slice(0, 60) + different
    seen.set(key, (seen.get(key) ?? 0) + 1)
    if (seen.get(key) > 2 || seen.size > Number(most)) continue
    console.log(`#${Number(seed0) + round}/${i} ${text(command)}`)
    if (kind === 'updates') console.log('  docs', text(docs))
    if (x.code || y.code) console.log('  emb', x.code, x.m, x.t.slice(0, 600), '\n  ref', y.code, y.m?.slice(0,200), y.t.slice(0, 600))
    else {
      const [p, q] = kind==='updates' ? [JSON.parse(x.t.slice(x.t.indexOf(' ')).replace(/NEW/g,'"NEW"')), JSON.parse(y.t.slice(y.t.indexOf(' ')).replace(/NEW/g,'"NEW"'))] : [JSON.parse(x.t), JSON.parse(y.t)]
      if (kind==='updates') console.log('  n', x.t.split(' ')[0], y.t.split(' ')[0])
      const ps = p.map(v => JSON.stringify(v)), qs = q.map(v => JSON.stringify(v))
      const onlyX = ps.filter(v => !qs.includes(v)), onlyY = qs.filter(v => !ps.includes(v))
      console.log('  only emb', onlyX.slice(0, 3).join('\n           ').slice(0, 900), '\n  only ref', onlyY.slice(0, 3).join('\n           ').slice(0, 900), onlyX.length + onlyY.length === 0 ? 'ORDER ' + ps.join().slice(0,300) + '\n' + qs.join().slice(0,300) : '')
      if (kind === 'filters') { const ids = [...onlyX, ...onlyY].slice(0, 2).map(v => Number(JSON.parse(v)._id.$numberInt)); console.log('  docs', text(docs.filter(d => ids.includes(d._id.value)))) }
    }
  }
}
console.log(n, 'asked', different, 'different', [...seen].slice(0, 40).map(([k, v]) => `${v}x ${k.slice(0,80)}`).join('\n'))
await b.db(name).dropDatabase()
await a.close(); await b.close(); await e.close()
