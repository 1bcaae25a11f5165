import './components/mantine.css'
import './components/tokens.css'
import { type MantineColorSchemeManager, MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Desk } from './cases/desk.tsx'
import { askAhead } from './cases/finder.ts'
import { recallView, rememberView } from './cases/remembered-view.ts'
import { syncingAhead } from './cases/syncing.tsx'
import { ErrorBoundary } from './components/error-boundary.tsx'
import { preferencesAhead } from './components/preferences.ts'
import { theme, tokenVariables } from './components/theme.ts'
import { destinationsAhead } from './destinations/use-destinations.ts'
import { countsNow } from './outbox/queries.ts'
import { filterOf, useView } from './view-store.ts'

/** How long the first draw waits at most for what main says of itself, in ms: each answer would be another draw. */
const patienceMs = 100

/** What the system says; Mantine's own manager reads the page's local storage, for which the page waits for main. */
const colorScheme: MantineColorSchemeManager = {
  get: usual => usual,
  set() {},
  subscribe() {},
  unsubscribe() {},
  clear() {},
}

/** Draws the screens, with the list where it was when Satchel last ran. */
export async function drawScreens(): Promise<void> {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no element with the id root')
  // main puts a fresh nonce into the page with each load; styles made at run time need it (Content-Security-Policy).
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
  // Before anything is drawn, so that the list is drawn once.
  const answered = Promise.all([destinationsAhead(), preferencesAhead(), syncingAhead()])
  const [counts] = await Promise.all([countsNow(), recallView()])
  const { group, narrowing, order } = useView.getState()
  const filter = filterOf({ group, narrowing })
  if (filter !== null) askAhead({ filter, order })
  rememberView()
  await Promise.race([answered, new Promise(resolve => setTimeout(resolve, patienceMs))])
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={tokenVariables}
        defaultColorScheme="auto"
        colorSchemeManager={colorScheme}
        getStyleNonce={() => nonce}
      >
        <ErrorBoundary>
          <Desk first={counts} />
        </ErrorBoundary>
      </MantineProvider>
    </StrictMode>,
  )
}
