import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** The scheme of Satchel's own page. It and its host never change: IndexedDB belongs to them (issue 2, "Shape"). */
export const pageScheme = 'app'
const pageHost = 'satchel'
/** The origin of Satchel's own page. */
export const pageOrigin = `${pageScheme}://${pageHost}`
/** The one page there is. */
export const pageUrl = `${pageOrigin}/index.html`

/** Stands in index.html where the nonce of this load goes. */
const noncePlaceholder = '__CSP_NONCE__'

export type PageSource = {
  /** The folder of the built page; nothing outside of it is ever served. */
  folder: string
  /** The dev server's address while developing, else null. */
  devServer: string | null
  /** Fetches from the dev server. */
  fetch: (url: string) => Promise<Response>
}

/** One answer to the page; not a `Response`, whose first use loads all of Node's own HTTP client, for 50 ms. */
export type PageAnswer = { status: number; headers: Record<string, string>; body: Buffer }

/** Answers requests for `app://satchel/…`: the built page's files, or the dev server's under the same origin. */
export function servePage({
  folder,
  devServer,
  fetch,
}: PageSource): (request: { url: string; method: string }) => Promise<PageAnswer> {
  return async request => {
    const url = new URL(request.url)
    if (url.protocol !== `${pageScheme}:` || url.host !== pageHost) return refuse(404)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const nonce = randomBytes(16).toString('base64')
    if (devServer !== null) return await fromDevServer(url, devServer, fetch, nonce)
    const file = fileFor(folder, url.pathname)
    if (file === null) return refuse(404)
    try {
      const content = await readFile(file)
      const type = contentTypes.get(path.extname(file).toLowerCase()) ?? 'application/octet-stream'
      const page = () => Buffer.from(content.toString('utf8').replaceAll(noncePlaceholder, nonce))
      return { status: 200, headers: headersFor(type, nonce, null), body: type === html ? page() : content }
    } catch {
      return refuse(404)
    }
  }
}

/** The file that a path of the page means, or null where it means none inside `folder`. */
export function fileFor(folder: string, pathname: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (/[\\\0]/.test(decoded)) return null
  const file = path.resolve(folder, `.${decoded === '/' ? '/index.html' : decoded}`)
  return file.startsWith(path.resolve(folder) + path.sep) ? file : null
}

/**
 * What the page may do: run and load its own files, and styles that carry this load's nonce; nothing from elsewhere.
 * While developing also what the dev server needs: its socket, and its inline scripts by the same nonce.
 */
export function contentSecurityPolicy(nonce: string, devServer: string | null): string {
  const developing = devServer !== null
  return [
    `default-src 'none'`,
    `script-src 'self'${developing ? ` 'nonce-${nonce}'` : ''}`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'${developing ? ` ws://${new URL(devServer).host}` : ''}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

async function fromDevServer(
  url: URL,
  devServer: string,
  fetch: PageSource['fetch'],
  nonce: string,
): Promise<PageAnswer> {
  const there = new URL(url.pathname + url.search, devServer).href
  const answer = await fetch(there)
  const type = answer.headers.get('content-type') ?? 'application/octet-stream'
  const { status } = answer
  const headers = headersFor(type, nonce, devServer)
  // Vite's client looks for its socket where it was loaded from.
  if (url.pathname === '/@vite/client') {
    const client = (await answer.text()).replaceAll('import.meta.url', JSON.stringify(there))
    return { status, headers, body: Buffer.from(client) }
  }
  if (!type.startsWith('text/html')) return { status, headers, body: Buffer.from(await answer.arrayBuffer()) }
  const page = (await answer.text()).replaceAll(noncePlaceholder, nonce)
  const marked = page.replace(/<script(?![^>]*\bnonce=)/g, `<script nonce="${nonce}"`)
  return { status, headers, body: Buffer.from(marked) }
}

function headersFor(type: string, nonce: string, devServer: string | null): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy(nonce, devServer),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

function refuse(status: number): PageAnswer {
  return { status, headers: { 'x-content-type-options': 'nosniff' }, body: Buffer.alloc(0) }
}

const html = 'text/html; charset=utf-8'
const contentTypes = new Map([
  ['.html', html],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.woff', 'font/woff'],
  ['.txt', 'text/plain; charset=utf-8'],
])
