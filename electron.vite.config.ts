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
        const as = file.endsWith('.js') ? 'script' : 'style'
        return [{ tag: 'link', attrs: { rel: 'preload', as, crossorigin: true, href: `./${file}` } }]
      })
    },
  }
}

// The floor is Electron 33 (Node 20.18, Chromium 130): development and tests also run on it.
export default defineConfig({
  main: {
    plugins: [pngImports()],
    build: {
      outDir: 'out/main',
      license,
      target: 'node20.18',
      rolldownOptions: {
        input: {
          main: 'main/begin.ts',
          'practice-server': 'main/practice-server/index.ts',
          'ledger-check': 'main/ledger/check-process.ts',
        },
        output: { format: 'es' },
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
