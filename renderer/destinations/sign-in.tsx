import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type Destination, methodsOf, type SignInMethod } from '../../shared/destination.ts'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import type { TypedSignIn } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import styles from './destinations.module.css'
import { type Different, DifferentAccount } from './different-account.tsx'
import { refreshDestinations } from './use-destinations.ts'

type Missing = { user?: string; service?: string; secret?: string }

/**
 * Signs in to a destination in the way that is chosen: with a name and a password, with a named key or token, or on the server's own
 * page. A secret leaves its field once, at once, and is kept nowhere here (design, promise 9).
 */
export function SignIn({
  destination,
  focus,
  onSignedIn,
}: {
  destination: Destination
  /** True where the form takes the focus when it appears. */
  focus: boolean
  onSignedIn: () => void
}) {
  const form = useRef<HTMLFormElement>(null)
  const secret = useRef<HTMLInputElement>(null)
  const [method, setMethod] = useState<SignInMethod>(destination.signInWith)
  const isService = destination.signInWith === 'api_key' || destination.signInWith === 'sec_token'
  const [user, setUser] = useState(isService ? '' : (destination.account ?? ''))
  const [service, setService] = useState(isService ? (destination.account ?? '') : '')
  const [missing, setMissing] = useState<Missing>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const [different, setDifferent] = useState<Different | null>(null)
  const words = wordsFor(destination, method)
  useEffect(() => {
    if (focus) form.current?.querySelector<HTMLElement>('input, select, button')?.focus()
  }, [focus])

  function read(): TypedSignIn | null {
    if (method === 'single_sign_on') return { method }
    const field = secret.current
    if (field === null) return null
    const typed = field.value
    const isPassword = method === 'password'
    const lacks: Missing = {
      ...(isPassword && user.trim() === '' ? { user: `Write the ${words.user} that you sign in with.` } : {}),
      ...(!isPassword && service.trim() === '' ? { service: 'Say what this key is called there.' } : {}),
      ...(typed.trim() === '' ? { secret: `Write your ${words.plainSecret}.` } : {}),
    }
    setMissing(lacks)
    if (Object.keys(lacks).length > 0) {
      // The mistakes are marked only once they are drawn.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return null
    }
    field.value = ''
    switch (method) {
      case 'password':
        return { method, user: user.trim(), password: typed }
      case 'api_key':
        return { method, service: service.trim(), key: typed }
      case 'sec_token':
        return { method, service: service.trim(), token: typed }
    }
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    const typed = read()
    if (typed === null) return
    setBusy(true)
    const result = await request('signIn', { destinationId: destination.id, with: typed })
    setBusy(false)
    setProblem(result.ok ? null : result.error)
    if (!result.ok) secret.current?.focus()
    else if (result.value.outcome === 'different_account') setDifferent(result.value)
    else onSignedIn()
    await refreshDestinations()
  }

  const isAboutSecret = problem?.code === 'wrong_password' || problem?.code === 'key_refused'
  const wrong = problem !== null && isAboutSecret ? `${sayProblem(problem, destination.name)}.` : undefined
  return (
    <form ref={form} className={styles.signIn} onSubmit={event => void submit(event)} noValidate>
      {methodsOf[destination.kind].length > 1 && (
        <NativeSelect
          label="How you sign in"
          className={styles.wide}
          data={methodsOf[destination.kind].map(value => ({
            value,
            label: wordsFor(destination, value).method,
          }))}
          value={method}
          onChange={event => {
            const chosen = methodsOf[destination.kind].find(one => one === event.currentTarget.value)
            if (chosen === undefined) return
            setMethod(chosen)
            setMissing({})
            setProblem(null)
          }}
        />
      )}
      {method === 'single_sign_on' && (
        <p className={styles.wide}>
          {busy
            ? `A window of ${destination.name} is open. Sign in there as always; it closes by itself.`
            : `Opens the page of ${destination.name} in a window of its own. Satchel sees no password, only that you are signed in.`}
        </p>
      )}
      {method === 'password' && (
        <TextInput
          type={destination.kind === 'qradar' ? 'text' : 'email'}
          label={words.userLabel}
          autoComplete="off"
          spellCheck={false}
          value={user}
          error={missing.user}
          onChange={event => setUser(event.currentTarget.value)}
        />
      )}
      {(method === 'api_key' || method === 'sec_token') && (
        <TextInput
          label="Service name"
          className={styles.wide}
          description="What this key is called on the server; cases written here go under it"
          autoComplete="off"
          spellCheck={false}
          value={service}
          error={missing.service}
          onChange={event => setService(event.currentTarget.value)}
        />
      )}
      {method !== 'single_sign_on' && (
        <PasswordInput
          // Another way to sign in is another field: nothing typed for one is taken for the other.
          key={method}
          ref={secret}
          // A password field has no role of its own; people and scripts look for a textbox (design, section 6).
          role="textbox"
          label={words.secret}
          autoComplete="off"
          error={missing.secret ?? wrong}
          visibilityToggleFocusable
          visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
        />
      )}
      {destination.kind === 'qradar' && (
        <p className={`${styles.wide} ${styles.hint}`}>
          Satchel tries this once: after several wrong ones, the console shuts out this laptop’s address.
        </p>
      )}
      <Button type="submit" variant="filled" aria-busy={busy || undefined}>
        {method === 'single_sign_on' ? 'Sign in on the server’s page' : 'Sign in'}
      </Button>
      <div className={styles.wide} role="status">
        {busy && <Note tone="plain">{`Waiting for ${destination.name}…`}</Note>}
      </div>
      <div className={styles.whole}>
        <ProblemNote
          problem={wrong === undefined ? problem : null}
          server={destination.name}
          onDismiss={() => setProblem(null)}
        />
      </div>
      {different !== null && (
        <DifferentAccount
          destination={destination}
          different={different}
          onDecided={signedIn => {
            setDifferent(null)
            if (signedIn) onSignedIn()
          }}
        />
      )}
    </form>
  )
}

function wordsFor({ kind }: Destination, method: SignInMethod) {
  const userLabel = kind === 'qradar' ? 'User name' : 'Email'
  const names = {
    password: {
      method: kind === 'qradar' ? 'User name and password' : 'Email and password',
      secret: 'Password',
      plainSecret: 'password',
    },
    single_sign_on: { method: 'On the server’s own page (single sign-on)', secret: '', plainSecret: '' },
    api_key: { method: 'API key of a service account', secret: 'API key', plainSecret: 'API key' },
    sec_token: {
      method: 'SEC token of an authorized service',
      secret: 'SEC token',
      plainSecret: 'SEC token',
    },
  } as const
  return { ...names[method], userLabel, user: kind === 'qradar' ? 'user name' : 'email' }
}
