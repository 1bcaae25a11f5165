import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Certificate, Destination } from '../../shared/destination.ts'
import type { Problem, Result } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import { groupsOf } from './certificates.ts'
import styles from './destinations.module.css'
import { refreshDestinations } from './use-destinations.ts'

type Presented = Result<Certificate | null>

/** Shows the certificate that a server presents, with the one that was trusted before, and asks once whether to trust it. */
export function CertificateQuestion({
  destination,
  resting,
  now,
}: {
  destination: Destination
  /** True where nothing goes out before a person asks: then the server is not even asked for its certificate. */
  resting: boolean
  now: Date
}) {
  const [asked, setAsked] = useState(!resting)
  const [presented, setPresented] = useState<Presented | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const { id, name, trust } = destination
  const before = trust.kind === 'pinned' ? trust.fingerprint : null
  useEffect(() => {
    if (!asked) return
    let current = true
    void request('presentedCertificate', { destinationId: id }).then(result => {
      if (current) setPresented(result)
    })
    return () => {
      current = false
    }
  }, [id, asked])

  if (!asked)
    return (
      <div className={styles.buttons}>
        <Button onClick={() => setAsked(true)}>Read its certificate</Button>
      </div>
    )
  if (presented === null) return <p className={styles.hint}>Reading the certificate…</p>
  if (!presented.ok || presented.value === null)
    return (
      <Note tone="wait">
        {name} could not be asked for its certificate just now. Press Try now when it can be reached.
      </Note>
    )
  const certificate = presented.value

  async function trustIt(): Promise<void> {
    const { fingerprint } = certificate
    const result = await request('trustCertificate', { destinationId: id, fingerprint })
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
  }

  return (
    <section className={styles.question} aria-label="Certificate">
      <p>
        Read the groups below to whoever runs {name}, by telephone or in person, not over this network. Trust
        it only if every group is the same there.
        {before !== null && ' Ask too whether they replaced it, and when.'}
      </p>
      <dl className={styles.facts}>
        <dt>Fingerprint (SHA-256)</dt>
        <dd>
          <Fingerprint value={certificate.fingerprint} />
        </dd>
        {before !== null && (
          <>
            <dt>Trusted until now</dt>
            <dd>
              <Fingerprint value={before} />
            </dd>
          </>
        )}
        <dt>Made out to</dt>
        <dd>{certificate.subject}</dd>
        <dt>Vouched for by</dt>
        <dd>
          {certificate.issuer === certificate.subject
            ? 'nobody but itself (self-signed)'
            : certificate.issuer}
        </dd>
        <dt>Valid</dt>
        <dd>{sayValidity(certificate, now)}</dd>
      </dl>
      <ProblemNote problem={problem} server={name} onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button variant="filled" onClick={() => void trustIt()}>
          Trust this certificate
        </Button>
      </div>
      <p className={styles.hint}>
        From then on Satchel trusts exactly this one for {name}, and asks again when it changes. If your
        organisation has its own authority, choose its file instead: Edit, Advanced.
      </p>
    </section>
  )
}

function Fingerprint({ value }: { value: string }) {
  return (
    <span className={styles.fingerprint}>
      {groupsOf(value).map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups repeat, and their order never changes.
        <span key={index}>{group} </span>
      ))}
    </span>
  )
}

const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

function sayValidity({ validFrom, validTo }: Certificate, now: Date): string {
  const span = `${days.format(new Date(validFrom))} to ${days.format(new Date(validTo))}`
  if (new Date(validTo) < now) return `${span}: it has expired`
  return new Date(validFrom) > now ? `${span}: not valid yet; check this laptop’s clock` : span
}
