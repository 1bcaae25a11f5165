import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const asRoot = process.getuid?.() === 0
const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{shared,main,scripts}/**/*.test.{ts,mjs}'],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [react()],
        cacheDir: '/tmp/vite-outbox',
        root: '/work/main',
        optimizeDeps: {
          include: [
            'react',
            'react/jsx-dev-runtime',
            'react-dom/client',
            'dexie',
            'dexie-react-hooks',
            'zod',
            'uuid',
            'fast-check',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          testTimeout: 20_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: chromium,
                args: ['--disable-background-networking', ...(asRoot ? ['--no-sandbox'] : [])],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
