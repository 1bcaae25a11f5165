import { describe, expect, test } from 'vitest'
import type { TypedSignIn } from '../../../shared/ipc.ts'
import { startScriptedQradar } from '../scripted-qradar.ts'
import { aServerForTwo, type ServerForTwo } from './two-people.ts'
import { aLaptop, anaTypes, benTypes, type Laptop } from './world.ts'

const ana = 'ana@example.org'
const ben = 'ben@example.org'

async function signedIn(typed: TypedSignIn = anaTypes): Promise<{ server: ServerForTwo; laptop: Laptop }> {
  const server = await aServerForTwo()
  const laptop = aLaptop()
  laptop.add({ baseUrl: server.baseUrl })
  expect(await laptop.signIn(typed)).toMatchObject({ ok: true, value: { outcome: 'signed_in' } })
  await laptop.says('online')
  return { server, laptop }
}

/** Ana's queue met the end of her session, and her password is not kept, as after single sign-on. */
async function withAnasQueue(): Promise<{
  server: ServerForTwo
  laptop: Laptop
  queued: ReturnType<Laptop['queue']>
}> {
  const { server, laptop } = await signedIn()
  laptop.vault.delete('hq', 'password')
  server.endSessions()
  const queued = laptop.queue({ summary: 'Ana’s' })
  await laptop.says('sign_in_needed', 'signed_out')
  expect(laptop.state(queued)).toBe('queued')
  return { server, laptop, queued }
}

describe('signing in', () => {
  test('with a password is one try, and a wrong one changes nothing', async () => {
    const server = await aServerForTwo()
    const laptop = aLaptop()
    laptop.add({ baseUrl: server.baseUrl })
    const wrong = { ...anaTypes, password: 'wrong' } as TypedSignIn
    expect(await laptop.signIn(wrong)).toMatchObject({ ok: false, error: { code: 'wrong_password' } })
    expect(server.to('POST', '/auth/login')).toHaveLength(1)
    expect(laptop.vault.get('hq', 'password', server.baseUrl)).toBeNull()
    expect(laptop.destination().account).toBeNull()
  })

  test('binds what was written before it, and the record of each case says so', async () => {
    const server = await aServerForTwo()
    const laptop = aLaptop()
    laptop.add({ baseUrl: server.baseUrl })
    const early = laptop.queue()
    await laptop.signIn(anaTypes)
    await laptop.reach('complete', early)
    expect(laptop.decisions(early)).toEqual([{ actor: 'person', part: 'account', from: null, to: ana }])
    expect(laptop.destination()).toMatchObject({ account: ana, signInWith: 'password' })
  })

  test('is refused where the system has no such way, and for practice', async () => {
    const laptop = aLaptop()
    laptop.add({ baseUrl: 'http://127.0.0.1:1' })
    laptop.add({ id: 'practice', kind: 'practice', baseUrl: null })
    const token: TypedSignIn = { method: 'sec_token', service: 'Field kit', token: 'x' }
    expect(await laptop.signIn(token)).toMatchObject({ error: { code: 'not_possible' } })
    expect(await laptop.signIn(anaTypes, 'practice')).toMatchObject({ error: { code: 'not_possible' } })
    expect(await laptop.signIn(anaTypes, 'nowhere')).toMatchObject({ error: { code: 'not_found' } })
  })

  test('out forgets everything, ends the session on the server, and the queue waits', async () => {
    const { server, laptop } = await signedIn()
    expect(laptop.signingIn.signOut(laptop.destination())).toMatchObject({ ok: true })
    expect(laptop.vault.get('hq', 'password', server.baseUrl)).toBeNull()
    expect(laptop.vault.get('hq', 'session', server.baseUrl)).toBeNull()
    await laptop.says('sign_in_needed')
    await expect.poll(() => server.isOver('ana-1')).toBe(true)
    const queued = laptop.queue()
    await laptop.says('sign_in_needed')
    expect([laptop.state(queued), server.cameFrom]).toEqual(['queued', []])
  })
})

describe('a session that ends', () => {
  test('is begun again by itself where a password is kept, once, and the queue goes on', async () => {
    const { server, laptop } = await signedIn()
    server.endSessions()
    const queued = laptop.queue()
    await laptop.reach('complete', queued)
    expect(server.to('POST', '/auth/login')).toHaveLength(2)
  })

  test('stops there where the password is refused by then', async () => {
    const { server, laptop } = await signedIn()
    const kept = laptop.vault.get('hq', 'password', server.baseUrl)
    if (kept === null) throw new Error('no password is kept')
    laptop.vault.set('hq', { ...kept, password: 'changed at the server' })
    server.endSessions()
    const queued = laptop.queue()
    await laptop.says('sign_in_needed', 'wrong_password')
    laptop.engine.tryNow(null)
    await laptop.says('sign_in_needed', 'wrong_password')
    expect(server.to('POST', '/auth/login')).toHaveLength(2)
    expect(laptop.state(queued)).toBe('queued')
    await laptop.signIn(anaTypes)
    await laptop.reach('complete', queued)
  })

  test('leaves the queue waiting until the same person signs in', async () => {
    const { server, laptop, queued } = await withAnasQueue()
    expect(await laptop.signIn(anaTypes)).toEqual({ ok: true, value: { outcome: 'signed_in', account: ana } })
    await laptop.reach('complete', queued)
    expect(server.cameFrom).toEqual([{ summary: 'Ana’s', who: 'ana' }])
    expect(laptop.decisions(queued)).toEqual([])
  })
})

describe('somebody else who signs in', () => {
  test('is held until a person decides, and nothing has changed by then', async () => {
    const { server, laptop } = await withAnasQueue()
    expect(await laptop.signIn(benTypes)).toEqual({
      ok: true,
      value: { outcome: 'different_account', account: ben, before: ana, waiting: 1 },
    })
    expect(laptop.destination().account).toBe(ana)
    expect(laptop.vault.get('hq', 'password', server.baseUrl)).toBeNull()
    expect(server.cameFrom).toEqual([])
  })

  test('cases keep waiting: new ones go under the new account, the old ones only under their own', async () => {
    const { server, laptop, queued } = await withAnasQueue()
    await laptop.signIn(benTypes)
    await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'keep_waiting' })
    expect(laptop.destination().account).toBe(ben)
    const bens = laptop.queue({ summary: 'Ben’s' })
    await laptop.reach('complete', bens)
    await laptop.says('online', 'different_account')
    expect(laptop.state(queued)).toBe('queued')
    expect(await laptop.signIn(anaTypes)).toMatchObject({ value: { outcome: 'signed_in' } })
    await laptop.reach('complete', queued)
    expect(server.cameFrom).toEqual([
      { summary: 'Ben’s', who: 'ben' },
      { summary: 'Ana’s', who: 'ana' },
    ])
    expect([laptop.decisions(queued), laptop.decisions(bens)]).toEqual([[], []])
  })

  test('cases are handed over: they go under the new account, and their records say who decided', async () => {
    const { server, laptop, queued } = await withAnasQueue()
    await laptop.signIn(benTypes)
    await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'reassign' })
    await laptop.reach('complete', queued)
    expect(server.cameFrom).toEqual([{ summary: 'Ana’s', who: 'ben' }])
    expect(laptop.decisions(queued)).toEqual([{ actor: 'person', part: 'account', from: ana, to: ben }])
  })

  test('the sign-in is given up: the first account stays', async () => {
    const { laptop, queued } = await withAnasQueue()
    await laptop.signIn(benTypes)
    await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'cancel' })
    expect(laptop.destination().account).toBe(ana)
    expect(await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'reassign' })).toMatchObject(
      {
        error: { code: 'changed_meanwhile' },
      },
    )
    await laptop.signIn(anaTypes)
    await laptop.reach('complete', queued)
  })

  test('whose cases were left waiting is asked about again at the next sign-in', async () => {
    const { laptop, queued } = await withAnasQueue()
    await laptop.signIn(benTypes)
    await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'keep_waiting' })
    expect(await laptop.signIn(benTypes)).toMatchObject({
      value: { outcome: 'different_account', before: ana, waiting: 1 },
    })
    await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'reassign' })
    await laptop.reach('complete', queued)
  })

  test('is no matter where nothing waits', async () => {
    const { laptop } = await signedIn()
    expect(await laptop.signIn(benTypes)).toMatchObject({ value: { outcome: 'signed_in', account: ben } })
    expect(laptop.destination().account).toBe(ben)
  })

  test('is nobody else where only the letters’ case differs', async () => {
    const { server, laptop, queued } = await withAnasQueue()
    laptop.settings.signedIn('hq', 'ANA@example.org', 'password')
    expect(await laptop.signIn(anaTypes)).toMatchObject({ value: { outcome: 'signed_in', account: ana } })
    await laptop.reach('complete', queued)
    expect(server.cameFrom).toHaveLength(1)
  })

  test('changes nothing where the destination moved meanwhile', async () => {
    const { laptop } = await withAnasQueue()
    await laptop.signIn(benTypes)
    laptop.settings.putDestinations([{ ...laptop.destination(), baseUrl: 'https://elsewhere.example' }])
    expect(await laptop.signingIn.decideAccount({ destinationId: 'hq', decision: 'reassign' })).toMatchObject(
      {
        error: { code: 'changed_meanwhile' },
      },
    )
  })
})

describe('what was connected before', () => {
  test('neither uses what another account keeps now, nor changes it', async () => {
    const { server, laptop } = await signedIn()
    const means = laptop.connections.speakTo(laptop.destination())
    server.endSessions()
    await laptop.signIn(benTypes)
    // It would find its session over, and Ben's password in the vault.
    expect(await means.probe()).toMatchObject({ kind: 'trouble', why: { code: 'signed_out' } })
    await means.close()
    await laptop.says('online')
    expect(server.to('POST', '/auth/login')).toHaveLength(2)
  })
})

describe('keys and tokens', () => {
  async function aConsole() {
    const console = await startScriptedQradar({ token: 'first' })
    const laptop = aLaptop()
    laptop.add({ id: 'siem', kind: 'qradar', name: 'SIEM', baseUrl: console.baseUrl, workspaceId: null })
    const typed = (token: string, service = 'Field kit') =>
      laptop.signIn({ method: 'sec_token', service, token }, 'siem')
    return { console, laptop, typed }
  }

  test('are kept for the service that they are of, and no secret is in the record', async () => {
    const { console, laptop, typed } = await aConsole()
    expect(await typed('first')).toEqual({ ok: true, value: { outcome: 'signed_in', account: 'Field kit' } })
    await laptop.says('online', null, 'siem')
    expect(laptop.vault.get('siem', 'sec_token', console.baseUrl)).toMatchObject({ token: 'first' })
    expect(laptop.destination('siem')).toMatchObject({ account: 'Field kit', signInWith: 'sec_token' })
    await console.close()
  })

  test('that are refused are one try', async () => {
    const { console, laptop, typed } = await aConsole()
    expect(await typed('wrong')).toMatchObject({ ok: false, error: { code: 'key_refused' } })
    expect(console.state.refusals).toBe(1)
    expect(laptop.vault.get('siem', 'sec_token', console.baseUrl)).toBeNull()
    await console.close()
  })

  test('that are rotated under waiting cases are in the record of each, once', async () => {
    const { console, laptop, typed } = await aConsole()
    await typed('first')
    await laptop.says('online', null, 'siem')
    await console.close()
    const waiting = laptop.queue({ destinationId: 'siem', workspaceId: null })
    await console.reopen()
    await typed('first')
    expect(laptop.decisions(waiting)).toEqual([])
    await console.close()
    laptop.vault.set('siem', {
      kind: 'sec_token',
      origin: console.baseUrl,
      service: 'Field kit',
      token: 'expired',
      provisioned: false,
    })
    const late = laptop.queue({ destinationId: 'siem', workspaceId: null })
    await console.reopen()
    await typed('first')
    expect(laptop.decisions(late)).toEqual([
      { actor: 'person', part: 'token', from: 'Field kit', to: 'Field kit' },
    ])
    expect(JSON.stringify(laptop.ledger.custodyRecord(late.id))).not.toMatch(/first|expired/)
    await console.close()
  })

  test('of another service are another account', async () => {
    const { console, laptop, typed } = await aConsole()
    await typed('first')
    await laptop.says('online', null, 'siem')
    await console.close()
    // Known to be away, so that no attempt at what is queued now may have got through.
    laptop.engine.tryNow('siem')
    await laptop.says('offline', null, 'siem')
    laptop.queue({ destinationId: 'siem', workspaceId: null })
    await console.reopen()
    expect(await typed('first', 'Other kit')).toMatchObject({
      value: { outcome: 'different_account', before: 'Field kit', account: 'Other kit', waiting: 1 },
    })
    await console.close()
  })
})

describe('the server’s own page', () => {
  const cookie = (value: string) => ({
    name: 'tracecat_auth',
    value,
    path: '/',
    secure: false,
    httpOnly: true,
    expires: null,
  })

  test('gives the session, whatever its cookie is called, and no password is kept', async () => {
    const server = await aServerForTwo()
    const laptop = aLaptop()
    laptop.add({ baseUrl: server.baseUrl })
    const asked: unknown[] = []
    laptop.browser.signIn = async ({ api, start, check }) => {
      asked.push(api, start, await check([]), await check([cookie('nobody-1')]))
      const cookies = [{ ...cookie('x'), name: 'theme' }, cookie(server.begin('ana'))]
      const account = await check(cookies)
      if (account === null) throw new Error('the session was not seen')
      return { ok: true, value: { account, cookies } }
    }
    expect(await laptop.signIn({ method: 'single_sign_on' })).toMatchObject({ value: { account: ana } })
    expect(asked).toEqual([server.baseUrl, server.baseUrl, null, null])
    await laptop.says('online')
    const queued = laptop.queue()
    await laptop.reach('complete', queued)
    expect(laptop.vault.get('hq', 'password', server.baseUrl)).toBeNull()
    expect(laptop.destination().signInWith).toBe('single_sign_on')
  })

  test('that is not private on the way is not shown', async () => {
    const server = await aServerForTwo()
    server.onRequest(({ path }, usual) =>
      path === '/info' ? { status: 200, json: { public_app_url: 'http://tracecat.example.org' } } : usual(),
    )
    const laptop = aLaptop()
    laptop.add({ baseUrl: server.baseUrl })
    expect(await laptop.signIn({ method: 'single_sign_on' })).toMatchObject({
      error: { code: 'not_possible' },
    })
  })

  test('that a person closes changes nothing', async () => {
    const { laptop } = await signedIn()
    expect(await laptop.signIn({ method: 'single_sign_on' })).toMatchObject({ ok: false })
    expect(laptop.destination()).toMatchObject({ account: ana, signInWith: 'password' })
    await laptop.says('online')
  })
})
