import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import type { Destination } from '../../shared/destination.ts'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import styles from './destinations.module.css'
import { refreshDestinations } from './use-destinations.ts'

/** Signs in to a destination: the password leaves its field once, at once, and is kept nowhere here (design, promise 9). */
export function SignIn({ destination }: { destination: Destination }) {
  const password = useRef<HTMLInputElement>(null)
  const [email, setEmail] = useState(destination.account ?? '')
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const field = password.current
    if (field === null || busy) return
    const typed = field.value
    const lacks = {
      ...(email.trim() === '' ? { email: 'Write the email that you sign in with.' } : {}),
      ...(typed === '' ? { password: 'Write your password.' } : {}),
    }
    setMissing(lacks)
    if (Object.keys(lacks).length > 0) return
    field.value = ''
    setBusy(true)
    const result = await request('signIn', {
      destinationId: destination.id,
      with: { method: 'password', user: email.trim(), password: typed },
    })
    setBusy(false)
    setProblem(result.ok ? null : result.error)
    if (!result.ok) field.focus()
    await refreshDestinations()
  }

  const wrong = problem?.code === 'wrong_password' ? `${sayProblem(problem, destination.name)}.` : undefined
  return (
    <form className={styles.signIn} onSubmit={event => void submit(event)} noValidate>
      <TextInput
        type="email"
        label="Email"
        autoComplete="off"
        value={email}
        error={missing.email}
        onChange={event => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        ref={password}
        // A password field has no role of its own; people and scripts look for a textbox (design, section 6).
        role="textbox"
        label="Password"
        autoComplete="off"
        error={missing.password ?? wrong}
        visibilityToggleFocusable
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
      />
      <Button type="submit" variant="filled" aria-busy={busy || undefined}>
        Sign in
      </Button>
      <div className={styles.whole}>
        <ProblemNote
          problem={wrong === undefined ? problem : null}
          server={destination.name}
          onDismiss={() => setProblem(null)}
        />
      </div>
    </form>
  )
}
