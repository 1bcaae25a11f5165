import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { query } from './a-ledger.ts'

/** Writes a ledger's file as SQL beside the versions that were kept before, so that later Satchels are tested against it. */
export function keepVersion(file: string, version: number): void {
  const objects = query<{ type: string; name: string; sql: string }>(
    file,
    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index', name",
  )
  const of = (type: string) => objects.filter(one => one.type === type)
  const lines = [
    'BEGIN;',
    ...of('table').flatMap(({ name, sql }) => [`${sql};`, ...rowsOf(file, name)]),
    ...of('index').map(({ sql }) => `${sql};`),
    `PRAGMA user_version = ${version};`,
    'COMMIT;',
  ]
  writeFileSync(path.join(import.meta.dirname, `version-${version}.sql`), `${lines.join('\n')}\n`)
}

function rowsOf(file: string, table: string): string[] {
  const columns = query<{ name: string }>(file, `PRAGMA table_info(${table})`).map(
    ({ name }) => `quote(${name})`,
  )
  const rows = query<{ row: string }>(file, `SELECT ${columns.join(" || ',' || ")} AS row FROM ${table}`)
  return rows.map(({ row }) => `INSERT INTO ${table} VALUES(${row});`)
}
