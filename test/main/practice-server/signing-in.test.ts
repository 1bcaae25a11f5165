import { expect, test } from 'vitest'
import { sessionSeconds } from '../../../main/practice-server/store.ts'
import {
  aPracticeServer,
  cookieIn,
  email,
  password,
  signedIn,
  signIn,
  workspace,
} from './a-practice-server.ts'

test('health and info are told to anybody, as Tracecat tells them', async () => {
  const { get, server } = await aPracticeServer()
  expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await get('/info')).toMatchObject({
    status: 200,
    body: {
      version: '1.0.0-beta.51',
      public_app_url: server.address,
      auth_allowed_types: ['basic'],
      saml_enabled: false,
      saml_enforced: false,
      ee_multi_tenant: false,
    },
  })
})

test('signing in with a form sets the session cookie and sends no body', async () => {
  const { post } = await aPracticeServer()
  const answer = await post('/auth/login', { form: { username: email, password } })
  expect(answer).toMatchObject({ status: 204, text: '' })
  expect(answer.headers['set-cookie']).toMatch(
    /^fastapiusersauth=[0-9a-f]{64}; HttpOnly; Max-Age=604800; Path=\/; SameSite=lax$/,
  )
})

test('the email is told apart without regard to case, the password is not', async () => {
  const { post } = await aPracticeServer()
  const upper = await post('/auth/login', { form: { username: email.toUpperCase(), password } })
  expect(upper.status).toBe(204)
  const wrong = await post('/auth/login', { form: { username: email, password: password.toUpperCase() } })
  expect(wrong).toMatchObject({ status: 400, body: { detail: 'LOGIN_BAD_CREDENTIALS' } })
})

test('a wrong password and an unknown account are refused alike', async () => {
  const { post } = await aPracticeServer()
  for (const form of [
    { username: email, password: 'wrong' },
    { username: 'ben@example.org', password },
  ]) {
    const answer = await post('/auth/login', { form })
    expect(answer).toMatchObject({ status: 400, body: { detail: 'LOGIN_BAD_CREDENTIALS' } })
    expect(answer.headers['set-cookie']).toBeUndefined()
  }
})

test('signing in with JSON, or without a field, is 422', async () => {
  const { post } = await aPracticeServer()
  const missing = (name: string) => ({
    type: 'missing',
    loc: ['body', name],
    msg: 'Field required',
    input: null,
  })
  const bothMissing = { status: 422, body: { detail: [missing('username'), missing('password')] } }
  expect(await post('/auth/login', { json: { username: email, password } })).toMatchObject(bothMissing)
  expect(await post('/auth/login', { text: '{' })).toMatchObject(bothMissing)
  expect(await post('/auth/login')).toMatchObject(bothMissing)
  expect(await post('/auth/login', { form: { username: email, password: '' } })).toMatchObject({
    status: 422,
    body: { detail: [missing('password')] },
  })
})

test('a session knows its account, and the account keeps its id over sessions', async () => {
  const { get, server } = await signedIn()
  const me = await get('/users/me')
  expect(me).toMatchObject({
    status: 200,
    body: { email, is_active: true, is_superuser: false, is_verified: false, role: 'basic', settings: {} },
  })
  const again = await get('/users/me', { cookie: `other=1; ${await signIn(server.address)}` })
  expect(again.body.id).toBe(me.body.id)
})

test('without a session, the account is 401 and everything about cases is 403', async () => {
  const { get, task } = await aPracticeServer()
  expect(await get('/users/me')).toMatchObject({ status: 401, body: { detail: 'Unauthorized' } })
  for (const path of [
    '/workspaces',
    `/case-fields?workspace_id=${workspace.id}`,
    `/cases/search?workspace_id=${workspace.id}`,
    `/cases/no-uuid?workspace_id=${workspace.id}`,
    `/cases/search?workspace_id=6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11`,
  ]) {
    expect([path, await get(path)]).toMatchObject([path, { status: 403, body: { detail: 'Forbidden' } }])
  }
  expect((await task(1)).status).toBe(401)
})

test('signing out ends the session', async () => {
  const { get, post } = await signedIn()
  const answer = await post('/auth/logout')
  expect(answer).toMatchObject({ status: 204, text: '' })
  expect(answer.headers['set-cookie']).toMatch(/^fastapiusersauth=""; HttpOnly; Max-Age=0; Path=\//)
  expect((await get('/users/me')).status).toBe(401)
  expect(await post('/auth/logout')).toMatchObject({ status: 401, body: { detail: 'Unauthorized' } })
})

test('signing out on one device leaves the other signed in', async () => {
  const { get, post, server } = await signedIn()
  const other = await signIn(server.address)
  await post('/auth/logout')
  expect((await get('/users/me', { cookie: other })).status).toBe(200)
})

test('a session ends seven days after signing in, however much it was used', async () => {
  const { get, clock } = await signedIn()
  const start = clock.now
  for (const day of [1, 3, 6]) {
    clock.now = start + day * 86_400_000
    expect((await get('/users/me')).status).toBe(200)
  }
  clock.now = start + sessionSeconds * 1000 - 1
  expect((await get('/users/me')).status).toBe(200)
  clock.now = start + sessionSeconds * 1000
  expect((await get('/users/me')).status).toBe(401)
  expect((await get('/workspaces')).status).toBe(403)
})

test('the server can revoke every session; signing in again works', async () => {
  const { get, server } = await signedIn()
  server.revokeSessions()
  expect((await get('/users/me')).status).toBe(401)
  expect((await get('/users/me', { cookie: await signIn(server.address) })).status).toBe(200)
})

test('a made-up cookie opens nothing', async () => {
  const { get, post } = await aPracticeServer()
  const genuine = cookieIn(await post('/auth/login', { form: { username: email, password } }))
  for (const cookie of ['fastapiusersauth=', 'fastapiusersauth', genuine.slice(0, -1), `x${genuine}`]) {
    expect((await get('/users/me', { cookie })).status).toBe(401)
  }
})
