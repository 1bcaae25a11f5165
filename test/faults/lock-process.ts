import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'libsql'

// Holds a database's one write lock for so long, as a backup program would, and says when it has it.
const [file, ms] = process.argv.slice(2)
if (file === undefined || ms === undefined) throw new Error('usage: lock-process FILE MS')
const db = new Database(file)
db.exec('BEGIN EXCLUSIVE')
writeSync(1, 'locked\n')
await pause(Number(ms))
db.exec('ROLLBACK')
db.close()
