import { startDatabase } from '/work/main/bench/database.ts'
import { counted, idOf } from '/work/main/bench/data.ts'
const t = Date.now()
const db = await startDatabase(125, (l) => console.log(((Date.now() - t) / 1000).toFixed(1), l))
console.log(await counted(db.superuserUrl), db, idOf('plan', 17), (Date.now() - t) / 1000)
process.on('SIGINT', async () => { await db.stop(); process.exit() })
setInterval(() => {}, 1000)
