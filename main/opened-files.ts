import type { Destination } from '../shared/destination.ts'
import { carryOut, type ImportWorld, type Plan, planImport, readProvisioningFile } from './provisioning.ts'

/** Changes that a question names one by one; it must fit on a small screen. */
const namedChanges = 8

/** What importing an opened file needs beside the import itself: a person who is asked, and is told. */
export type OpeningWorld = ImportWorld & {
  confirm: (question: { message: string; detail: string }) => Promise<boolean>
  tell: (words: { message: string; detail: string }) => Promise<void>
  /** Destinations were imported. */
  onImported: () => void
}

/** Imports a provisioning file that was opened, once a person has seen what it would change and agreed; never throws. */
export async function openFile(file: string, world: OpeningWorld): Promise<void> {
  const read = readProvisioningFile(file)
  if (read.outcome === 'unreadable')
    return world.tell({ message: 'Nothing was imported', detail: read.words })
  const plan = planImport(read.text, world)
  const changes = sayChanges(plan, world.destination)
  if (changes.length > 0) {
    const agreed = await world.confirm({
      message: `Import destinations from ${oneLine(read.name)}?`,
      detail: [
        'No case on this laptop changes.',
        ...changes.slice(0, namedChanges),
        ...(changes.length > namedChanges ? [`And ${changes.length - namedChanges} more changes.`] : []),
        'Cases go to the servers that are named here: import only a file that you expected.',
      ].join('\n\n'),
    })
    if (!agreed) return
  }
  // Planned again, from what was read and agreed to: cases may have been queued while the question was open.
  const { words } = carryOut(read.name, planImport(read.text, world), world)
  if (changes.length > 0) world.onImported()
  const message = plan.outcome === 'refused' ? 'Nothing was imported' : 'Provisioning file'
  await world.tell({ message, detail: words })
}

/** What a plan would change, a sentence for each change; none where it is refused or changes nothing. */
function sayChanges(plan: Plan, before: (id: string) => Destination | null): string[] {
  if (plan.outcome === 'refused') return []
  const names = new Map(plan.destinations.map(one => [one.id, one.name]))
  return [
    ...plan.destinations.map(one => sayChange(before(one.id), one)),
    ...plan.secrets.map(({ destinationId: id, secret }) => {
      const name = oneLine(names.get(id) ?? before(id)?.name ?? id)
      const what =
        secret.kind === 'password' ? `the password of ${oneLine(secret.email)}` : 'a token to sign in with'
      return `${name}: ${what} is kept on this laptop.`
    }),
  ]
}

function sayChange(before: Destination | null, after: Destination): string {
  if (before === null) {
    const trusting = after.trust.kind === 'system' ? '' : `, and ${sayTrust(after)}`
    return `${oneLine(after.name)} is added, at ${oneLine(after.baseUrl ?? '')}${trusting}.`
  }
  const parts = changingParts
    .filter(([key]) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map(([, say]) => say(after))
  return `${oneLine(before.name)} changes: ${parts.join(', ') || 'settings'}.`
}

/** What can change, the parts that decide where cases go first. */
const changingParts: readonly (readonly [keyof Destination, (after: Destination) => string])[] = [
  ['baseUrl', after => `address ${oneLine(after.baseUrl ?? '')}`],
  ['trust', after => `it ${sayTrust(after)}`],
  ['name', after => `name ${oneLine(after.name)}`],
  ['workspaceId', after => `workspace ${oneLine(after.workspaceId ?? 'none')}`],
  ['account', after => `account ${oneLine(after.account ?? 'none')}`],
  ['signInWith', () => 'how to sign in'],
  ['assignedTo', after => `assigned to ${oneLine(after.assignedTo ?? 'nobody')}`],
]

function sayTrust({ trust }: Destination): string {
  switch (trust.kind) {
    case 'system':
      return 'is believed as this laptop usually believes servers'
    case 'authority':
      return 'is believed because of a certificate authority in this file'
    case 'pinned':
      return 'is believed because of one certificate that this file names'
  }
}

/** Text from a file, so that it cannot pass for a line of the question itself. */
function oneLine(text: string): string {
  return text
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
