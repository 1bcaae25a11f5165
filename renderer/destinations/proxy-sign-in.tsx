import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import type { Destination } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import styles from './destinations.module.css'
import { refreshDestinations } from './use-destinations.ts'

/** Signs in to the network's proxy on the way to a destination; its password leaves its field at once. */
export function ProxySignIn({ destination }: { destination: Destination }) {
  const password = useRef<HTMLInputElement>(null)
  const [user, setUser] = useState('')
  const [missing, setMissing] = useState<{ user?: string; password?: string }>({})
  const [problem, setProblem] = useState<Problem | null>(null)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const field = password.current
    if (field === null) return
    const typed = field.value
    const lacks = {
      ...(user.trim() === '' ? { user: 'Write the name that the network knows you by.' } : {}),
      ...(typed === '' ? { password: 'Write the password for the network.' } : {}),
    }
    setMissing(lacks)
    if (Object.keys(lacks).length > 0) return
    field.value = ''
    const result = await request('proxySignIn', {
      destinationId: destination.id,
      user: user.trim(),
      password: typed,
    })
    setProblem(result.ok ? null : result.error)
    if (!result.ok) field.focus()
    await refreshDestinations()
  }

  return (
    <form className={styles.signIn} noValidate onSubmit={event => void submit(event)}>
      <p className={styles.wide}>
        This is the sign-in of the network’s proxy, often that of your computer at work. {destination.name}{' '}
        does not see it.
      </p>
      <TextInput
        label="User name for the network"
        autoComplete="off"
        spellCheck={false}
        value={user}
        error={missing.user}
        onChange={event => setUser(event.currentTarget.value)}
      />
      <PasswordInput
        ref={password}
        role="textbox"
        label="Password for the network"
        autoComplete="off"
        error={missing.password}
        visibilityToggleFocusable
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
      />
      <Button type="submit" variant="filled">
        Sign in to the proxy
      </Button>
      <div className={styles.whole}>
        <ProblemNote problem={problem} server={destination.name} onDismiss={() => setProblem(null)} />
      </div>
    </form>
  )
}
