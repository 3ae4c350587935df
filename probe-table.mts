// probe-table <table> <in> <out> : writes table with excuses for differences
import { MongoClient } from 'mongodb'
import { readFileSync, writeFileSync } from 'node:fs'
import { startEmbedded } from './src/embedded/index.ts'
import { callsIn } from './.probe/src/tables.ts'
import { answerTo } from './test/compat/asking.ts'
const [table, file, out, rules] = process.argv.slice(2)
const REASONS = JSON.parse(readFileSync(rules!, 'utf8')) as [string, string][]
const e = await startEmbedded({ durable: false })
const a = await MongoClient.connect(e.uri), b = await MongoClient.connect('mongodb://127.0.0.1:27117/')
const name = 'compat_' + process.pid
const A = a.db(name), B = b.db(name)
const text = readFileSync(file!, 'utf8')
const excuses: string[] = []
const byLine = new Map<string, string[]>()
for (const call of callsIn(table!, text)) {
  const [x, y] = [await answerTo(A, call).catch(e=>'CRASH '+e.stack), await answerTo(B, call).catch(e=>'CRASH '+e.message)]
  if (x === y) continue
  const reason = REASONS.find(([r]) => new RegExp(r).test(call.text))?.[1]
  if (!reason) console.log(`NO REASON ${call.text}\n   emb ${x.slice(0,400)}\n   ref ${y.slice(0,400)}`)
  byLine.set(call.text, [`! ${reason ?? 'TODO'}`, call.text, ...(/"\$oid":"6[b-f]|"\$date":\{"\$numberLong":"17[9]/.test(x) ? [] : [`=> ${x}`])])
}
const lines: string[] = []
const done = new Set<string>()
for (const line of text.split('\n')) {
  if (line.includes('@') && line.startsWith('{')) { lines.push(line); continue }
  const ex = byLine.get(line)
  if (ex) { lines.push(...ex); done.add(line) } else lines.push(line)
}
const rest = [...byLine].filter(([t]) => !done.has(t))
if (rest.length) lines.push('# where the reference server differs from MongoDB', ...rest.flatMap(([, l]) => l))
writeFileSync(out!, lines.join('\n').replace(/\n+$/, '') + '\n')
await B.dropDatabase()
await a.close(); await b.close(); await e.close()
