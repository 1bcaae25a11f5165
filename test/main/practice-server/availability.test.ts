import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { expect, test } from 'vitest'
import {
  aCase,
  aFolder,
  aPracticeServer,
  clientOf,
  reference,
  signedIn,
  signIn,
} from './a-practice-server.ts'

test('listens on loopback only', async () => {
  const { server } = await aPracticeServer()
  expect(server.address).toBe(`http://127.0.0.1:${server.port}`)
  const elsewhere = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ family, address }) => family === 'IPv4' && address !== '127.0.0.1')
    .map(({ address }) => address)
  if (process.platform === 'linux') elsewhere.push('127.0.0.2')
  for (const address of elsewhere) {
    const client = clientOf(`http://${address}:${server.port}`)
    await expect(client.get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  }
})

test('a closed listener refuses connections; opened again, it answers on the same port with the same data', async () => {
  const { server, get, create, search, task } = await signedIn()
  await create(aCase())
  const { address, port } = server
  await server.closeListener()
  await expect(get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await server.openListener()
  expect([server.address, server.port]).toEqual([address, port])
  expect((await get('/health')).status).toBe(200)
  expect((await search()).body.total_estimate).toBe(1)
  expect((await task(1)).body.name).toBe(reference)
})

test('closing drops connections that are open, idle or in the middle of a request', async () => {
  const { server } = await aPracticeServer()
  const idle = connect(server.port, '127.0.0.1')
  const kept = connect(server.port, '127.0.0.1')
  const half = connect(server.port, '127.0.0.1')
  const sockets = [idle, kept, half]
  for (const socket of sockets) socket.on('error', () => undefined)
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  kept.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(kept, 'data')
  half.write(
    'POST /cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"summ',
  )
  await clientOf(server.address).get('/health')
  const closed = Promise.all(sockets.map(socket => once(socket, 'close')))
  await server.closeListener()
  await closed
  expect(server.cases()).toEqual([])
})

test('opening what is open and closing what is closed does nothing; the last wish counts', async () => {
  const { server, get } = await aPracticeServer()
  await server.openListener()
  await Promise.all([server.closeListener(), server.closeListener(), server.openListener()])
  expect((await get('/health')).status).toBe(200)
  await Promise.all([server.closeListener(), server.openListener(), server.openListener()])
  expect((await get('/health')).status).toBe(200)
  await Promise.all([server.closeListener(), server.openListener(), server.closeListener()])
  await expect(get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a port that another program took meanwhile is an error, and can be tried again', async () => {
  const { server, get } = await aPracticeServer()
  await server.closeListener()
  const other = createServer().listen(server.port, '127.0.0.1')
  await once(other, 'listening')
  await expect(server.openListener()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  other.close()
  await once(other, 'close')
  await server.openListener()
  expect((await get('/health')).status).toBe(200)
})

test('a given port is used, and refused where it is taken', async () => {
  const first = await aPracticeServer()
  await expect(aPracticeServer({ port: first.server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await first.server.stop()
  const second = await aPracticeServer({ port: first.server.port })
  expect(second.server.port).toBe(first.server.port)
})

test('cases, tasks, numbers, sessions and accounts survive a restart', async () => {
  const dataFolder = aFolder()
  const steps = { waiting: 100, processing: 100, partiallyComplete: 100 }
  const before = await signedIn({ dataFolder, steps })
  await before.create(aCase({ fields: { site: 'Depot 4' } }))
  const cookie = await signIn(before.server.address)
  const me = await before.get('/users/me')
  const cases = before.server.cases()
  await before.server.stop()
  const database = new Database(join(dataFolder, 'practice.db'))
  expect(database.pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }])
  database.close()

  // The task keeps the steps that it was given.
  const clock = { now: before.clock.now + 150 }
  const after = await aPracticeServer(
    { dataFolder, steps: { waiting: 9e6, processing: 0, partiallyComplete: 0 } },
    clock,
  )
  const client = clientOf(after.server.address, cookie)
  expect(after.server.cases()).toEqual(cases)
  expect((await client.get('/users/me')).body).toEqual(me.body)
  expect((await client.task(1)).body).toMatchObject({ name: reference, case_id: 1001, state: 'PROCESSING' })
  expect((await client.create(aCase())).body).toMatchObject({ id: 2, case_id: 1002, state: 'WAITING' })
  expect(after.server.cases().map(found => found.shortId)).toEqual(['CASE-0001', 'CASE-0002'])
})

test('a stopped server stays stopped, and stopping it twice is no error', async () => {
  const { server, get } = await aPracticeServer()
  await server.stop()
  await server.stop()
  await expect(server.openListener()).rejects.toThrow('stopped')
  await expect(get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('many cases at once are all stored, each once', async () => {
  const { create, server } = await signedIn()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => create(aCase({ summary: `case ${n}`, description: '' }))),
  )
  expect(answers.every(answer => answer.status === 201)).toBe(true)
  const stored = server.cases()
  expect(new Set(stored.map(found => found.summary)).size).toBe(50)
  expect(new Set(stored.map(found => found.shortId)).size).toBe(50)
  expect(new Set(answers.map(answer => answer.body.id)).size).toBe(50)
})
