import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { pngImports } from './scripts/icons.mjs'

/** Names what a part really bundles, for scripts/shipped.mjs; it stays out of the package. */
const license = { fileName: 'bundled.json' }

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
          main: 'main/main.ts',
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
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      license,
      target: 'chrome130',
      minify: true,
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
})
