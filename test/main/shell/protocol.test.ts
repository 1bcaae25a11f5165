import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, fileFor, type PageAnswer, servePage } from '../../../main/protocol.ts'

function aPage() {
  const top = mkdtempSync(path.join(tmpdir(), 'satchel-page-'))
  const folder = path.join(top, 'renderer')
  mkdirSync(path.join(folder, 'assets'), { recursive: true })
  mkdirSync(path.join(top, 'renderer-secret'))
  writeFileSync(path.join(top, 'secret.txt'), 'secret')
  writeFileSync(path.join(top, 'renderer-secret', 'secret.txt'), 'secret')
  writeFileSync(
    path.join(folder, 'index.html'),
    '<meta content="__CSP_NONCE__"><style nonce="__CSP_NONCE__">',
  )
  writeFileSync(path.join(folder, 'assets', 'index.js'), '__CSP_NONCE__')
  writeFileSync(path.join(folder, 'assets', 'font.woff2'), Buffer.from([0, 255, 1]))
  const serve = servePage({ folder, devServer: null, fetch: () => expect.unreachable() })
  return async (url: string, method = 'GET') => asResponse(await serve({ url, method }))
}

function asResponse({ status, headers, body }: PageAnswer): Response {
  return new Response(new Uint8Array(body), { status, headers })
}

function nonceOf(answer: Response): string | undefined {
  return /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1]
}

describe('the page', () => {
  it('is served with a strict policy and a nonce that is new in each load', async () => {
    const get = aPage()
    const [one, two] = [await get('app://satchel/'), await get('app://satchel/index.html')]
    expect(one.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(one.headers.get('x-content-type-options')).toBe('nosniff')
    const nonce = nonceOf(one)
    expect(await one.text()).toBe(`<meta content="${nonce}"><style nonce="${nonce}">`)
    expect(nonceOf(two)).not.toBe(nonce)
    expect(Buffer.from(nonce ?? '', 'base64')).toHaveLength(16)
  })

  it.each([
    ['app://satchel/assets/index.js', 'text/javascript; charset=utf-8', '__CSP_NONCE__'],
    ['app://satchel/assets/font.woff2', 'font/woff2', Buffer.from([0, 255, 1]).toString('latin1')],
  ])('has files that arrive as they are: %s', async (url, type, content) => {
    const answer = await aPage()(url)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toBe(content)
  })

  it.each([
    'app://satchel/../secret.txt',
    'app://satchel/%2e%2e/secret.txt',
    'app://satchel/..%2fsecret.txt',
    'app://satchel/assets/..%2f..%2fsecret.txt',
    'app://satchel/..%5csecret.txt',
    'app://satchel/..%2frenderer-secret%2fsecret.txt',
    'app://satchel/%00',
    'app://satchel/%',
    'app://satchel/assets',
    'app://satchel/assets/',
    'app://satchel/nothing.js',
    'app://satchel//etc/passwd',
    'app://other/index.html',
    'app://satchel.example/index.html',
    'app://satchel:80/index.html',
    'file:///etc/passwd',
  ])('is all that is served: not %s', async url => {
    const answer = await aPage()(url)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe('')
  })

  it('is only ever read', async () => {
    expect((await aPage()('app://satchel/', 'POST')).status).toBe(405)
  })
})

it('no path, however it is written, leaves the folder', () => {
  for (const text of [
    '/..',
    '/../x',
    '/a/../../x',
    '/%2e%2e%2fx',
    '/%252e%252e/x',
    '/a\\..\\..\\x',
    '//x',
    '/./..//x',
  ]) {
    const file = fileFor('/srv/page', text)
    if (file !== null) expect(file.startsWith('/srv/page/')).toBe(true)
  }
})

it('the policy lets the page run nothing inline, reach nothing outside, and be framed by nobody', () => {
  expect(contentSecurityPolicy('N', null).split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'nonce-N'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
})

describe('while developing', () => {
  it('the dev server is read under the same origin, its inline scripts by the nonce', async () => {
    const asked: string[] = []
    const serve = servePage({
      folder: '/nowhere',
      devServer: 'http://localhost:5173',
      fetch: async url => {
        asked.push(url)
        return new Response('<script type="module">hot()</script><script nonce="__CSP_NONCE__">', {
          headers: { 'content-type': 'text/html' },
        })
      },
    })
    const answer = asResponse(await serve({ url: 'app://satchel/index.html?t=1', method: 'GET' }))
    const nonce = nonceOf(answer)
    expect(asked).toEqual(['http://localhost:5173/index.html?t=1'])
    expect(await answer.text()).toBe(
      `<script nonce="${nonce}" type="module">hot()</script><script nonce="${nonce}">`,
    )
    expect(answer.headers.get('content-security-policy')).toContain("connect-src 'self' ws://localhost:5173;")
  })
})
