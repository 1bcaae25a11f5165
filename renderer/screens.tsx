import './components/mantine.css'
import './components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Desk } from './cases/desk.tsx'
import { recallView, rememberView } from './cases/remembered-view.ts'
import { ErrorBoundary } from './components/error-boundary.tsx'
import { theme, tokenVariables } from './components/theme.ts'

/** Draws the screens, with the list where it was when Satchel last ran. */
export async function drawScreens(): Promise<void> {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no element with the id root')
  // main puts a fresh nonce into the page with each load; styles made at run time need it (Content-Security-Policy).
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
  // Before anything is drawn, so that the list is drawn once.
  await recallView()
  rememberView()
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={tokenVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <ErrorBoundary>
          <Desk />
        </ErrorBoundary>
      </MantineProvider>
    </StrictMode>,
  )
}
