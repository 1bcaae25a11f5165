import { z } from 'zod'

const keyPath = z.union([z.string(), z.array(z.string())]).nullable()
const keptSchema = z.object({
  /** The version of the native database: ten times Dexie's. */
  version: z.int(),
  tables: z.array(
    z.object({
      name: z.string(),
      keyPath,
      autoIncrement: z.boolean(),
      indexes: z.array(z.object({ name: z.string(), keyPath, unique: z.boolean() })),
      rows: z.array(z.unknown()),
    }),
  ),
})
type Kept = z.infer<typeof keptSchema>

/** An outbox as it is, tables, indexes and rows, as JSON text; without Dexie, so that it says what is really there. */
export async function keepStore(name: string): Promise<string> {
  const db = await opened(indexedDB.open(name))
  const tables: Kept['tables'] = []
  for (const table of [...db.objectStoreNames].sort()) {
    const store = db.transaction(table).objectStore(table)
    const indexes = [...store.indexNames].map(index => store.index(index))
    tables.push({
      name: table,
      keyPath: store.keyPath,
      autoIncrement: store.autoIncrement,
      indexes: indexes.map(index => ({ name: index.name, keyPath: index.keyPath, unique: index.unique })),
      rows: await done<unknown[]>(store.getAll()),
    })
  }
  db.close()
  return `${JSON.stringify({ version: db.version, tables }, null, 2)}\n`
}

/** Makes the outbox that was kept as this JSON text, as the browser of a person who had it then would hold it. */
export async function restoreStore(name: string, text: string): Promise<void> {
  const kept = keptSchema.parse(JSON.parse(text))
  const request = indexedDB.open(name, kept.version)
  request.onupgradeneeded = () => {
    for (const table of kept.tables) {
      const store = request.result.createObjectStore(table.name, {
        keyPath: table.keyPath === '' ? null : table.keyPath,
        autoIncrement: table.autoIncrement,
      })
      for (const index of table.indexes)
        store.createIndex(index.name, index.keyPath ?? '', { unique: index.unique })
      for (const row of table.rows) store.add(row)
    }
  }
  const db = await opened(request)
  db.close()
}

function opened(request: IDBOpenDBRequest): Promise<IDBDatabase> {
  return done(request)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
