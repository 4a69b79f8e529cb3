// Writes what the service promises to its clients, as it is now: `npm run print`. The prints are committed, so that a change of them is seen.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { contracts } from './contracts.ts'

for (const [name, text] of Object.entries(await contracts())) writeFileSync(fileURLToPath(new URL(name, import.meta.url)), text)
