import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'
import { pngImports } from './scripts/icons.mjs'

/** Names what a part really bundles, for scripts/shipped.mjs; it stays out of the package. */
const license = { fileName: 'bundled.json' }

/** Lets the page ask for its screens together with the outbox's part, which runs first and only then imports them. */
function preloadScreens(): Plugin {
  return {
    name: 'preload-screens',
    transformIndexHtml(_html, { bundle }) {
      return Object.keys(bundle ?? {}).flatMap(file => {
        if (!/screens-.*\.(js|css)$/.test(file)) return []
        const attrs = file.endsWith('.js') ? { rel: 'modulepreload' } : { rel: 'preload', as: 'style' }
        return [{ tag: 'link', attrs: { ...attrs, crossorigin: true, href: `./${file}` }, injectTo: 'head' }]
      })
    },
  }
}

/** What takes milliseconds to load at each start, for a part of a library that Satchel does not use, and what is read of it nevertheless. */
const unused = [
  { file: 'electron-log/src/node/transports/remote.js', loads: /require\('https?'\)/g, read: '{}' },
  {
    file: 'undici/lib/dispatcher/client-h2.js',
    loads: /require\('node:http2'\)/g,
    read: '{ constants: {} }',
  },
  {
    file: 'undici/lib/dispatcher/client.js',
    loads: /require\('node:http'\)/g,
    read: '{ maxHeaderSize: 16384 }',
  },
  { file: 'undici/lib/core/util.js', loads: /require\('node:http'\)/g, read: '{}' },
]

/** Leaves that out. */
function leaveOutUnused(): Plugin {
  return {
    name: 'leave-out-unused',
    transform(code, id) {
      const found = unused.find(({ file }) => id.endsWith(`/node_modules/${file}`))
      if (found === undefined) return null
      if (code.search(found.loads) === -1) this.error(`${found.file} loads something else now`)
      return { code: code.replace(found.loads, found.read), map: null }
    },
  }
}

/** Leaves nothing but ASCII in main, which is read three times as fast (main/compiled.ts). */
function asciiOnly(): Plugin {
  return {
    name: 'ascii-only',
    generateBundle(_options, bundle) {
      const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
      for (const made of Object.values(bundle)) {
        if (made.type !== 'chunk') continue
        // It would escape the escape.
        if (/\\[^\0-\x7f]/.test(made.code))
          this.error(`${made.fileName} has a backslash before what is not ASCII`)
        made.code = made.code.replace(/[^\0-\x7f]/g, escaped)
      }
    },
  }
}

/** Fails where a part of main would import something by itself while it runs: compiled beforehand, it cannot (main/compiled.ts). */
function importsNothingLater(): Plugin {
  return {
    name: 'imports-nothing-later',
    generateBundle(_options, bundle) {
      for (const made of Object.values(bundle)) {
        const later = made.type === 'chunk' ? made.dynamicImports.filter(file => !(file in bundle)) : []
        if (later.length > 0)
          this.error(
            `${made.fileName} imports ${later.join(', ')} later; take process.getBuiltinModule instead`,
          )
      }
    },
  }
}

// The floor is Electron 33 (Node 20.18, Chromium 130): development and tests also run on it.
export default defineConfig({
  main: {
    plugins: [pngImports(), leaveOutUnused(), asciiOnly(), importsNothingLater()],
    build: {
      outDir: 'out/main',
      license,
      target: 'node20.18',
      rolldownOptions: {
        input: {
          main: 'main/entry.ts',
          'practice-server': 'main/practice-server/index.ts',
          'ledger-check': 'main/ledger/check-process.ts',
        },
        // CommonJS, because what V8 compiled of it can be kept (main/compiled.ts).
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: 'chunks/[name]-[hash].cjs',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      license,
      target: 'node20.18',
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: 'main/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react(), preloadScreens()],
    build: {
      outDir: 'out/renderer',
      license,
      target: 'chrome130',
      minify: true,
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
})
