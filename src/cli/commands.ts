import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { exportSet } from './export.ts'
import { importCbs } from './import-cbs.ts'
import { keyCreate, keyList, keyRevoke, keyRotate } from './key.ts'
import { migrate, seed } from './set-up.ts'

/** All that `samenspel` can do: one line a command. */
export const commands: readonly Command[] = [migrate, seed, keyCreate, keyList, keyRotate, keyRevoke, importCbs, exportSet, doctor]
