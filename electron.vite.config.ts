import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

// The floor is Electron 33 (Node 20.18, Chromium 130): development and tests also run on it.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
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
      target: 'chrome130',
      minify: true,
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
})
