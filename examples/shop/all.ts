// Runs every topic of the shop, one after the other.
const topics = [
  'passwords',
  'categories',
  'documents',
  'pages',
  'expiry',
  'archive',
  'transfers',
  'encryption',
  'tenants',
]

for (const topic of topics) {
  console.log(`\n== ${topic}`)
  await import(`./${topic}.ts`)
}
