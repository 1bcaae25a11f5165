import './components/mantine.css'
import './components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Desk } from './cases/desk.tsx'
import { askAhead } from './cases/finder.ts'
import { recallView, rememberView } from './cases/remembered-view.ts'
import { ErrorBoundary } from './components/error-boundary.tsx'
import { theme, tokenVariables } from './components/theme.ts'
import { countsNow } from './outbox/queries.ts'
import { filterOf, useView } from './view-store.ts'

/** Draws the screens, with the list where it was when Satchel last ran. */
export async function drawScreens(): Promise<void> {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no element with the id root')
  // main puts a fresh nonce into the page with each load; styles made at run time need it (Content-Security-Policy).
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
  // Before anything is drawn, so that the list is drawn once.
  const [counts] = await Promise.all([countsNow(), recallView()])
  const { group, narrowing, order } = useView.getState()
  const filter = filterOf({ group, narrowing })
  if (filter !== null) askAhead({ filter, order })
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
          <Desk first={counts} />
        </ErrorBoundary>
      </MantineProvider>
    </StrictMode>,
  )
}
