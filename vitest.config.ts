import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const asRoot = process.getuid?.() === 0
const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{shared,main,scripts,faults}/**/*.test.{ts,mjs}'],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [react()],
        // Named, because one that is found only while tests run is bundled anew, and the page then has two Reacts.
        optimizeDeps: {
          include: [
            '@mantine/core',
            '@tanstack/react-virtual',
            'dexie',
            'dexie-react-hooks',
            'fast-check',
            'lucide-react',
            'react',
            'react-dom',
            'react-dom/client',
            'react-hook-form',
            'react-markdown',
            'remark-gfm',
            'react/jsx-dev-runtime',
            'react/jsx-runtime',
            'uuid',
            'zod',
            'zustand',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          testTimeout: 20_000,
          // A page behind another gets no frames, and a test that waits for one would wait for good.
          fileParallelism: false,
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
          // As long as Playwright waits for the same: a busy machine takes its time.
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        // No tests: pictures to look at (npm run screenshots).
        test: { name: 'screens', include: ['test/screens/**/*.screens.ts'], fileParallelism: false },
      },
    ],
  },
})
