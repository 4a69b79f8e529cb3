#!/usr/bin/env node
import { main } from './cli/main.ts'

// A killed process runs no exit handler, and an embedded PostgreSQL that this one started is stopped by one.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
// Who reads no further (`| head`) has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await main(process.argv.slice(2))
