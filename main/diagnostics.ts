import { readFile } from 'node:fs/promises'
import type { DestinationView } from '../shared/destination.ts'
import type { AppInfo, StorageUse } from '../shared/ipc.ts'

/** What a diagnosis is made from; nothing in it holds case content or a secret. */
export type DiagnosticsFacts = {
  info: AppInfo
  platform: string
  now: Date
  views: readonly DestinationView[]
  counts: Readonly<Record<string, number>>
  storage: StorageUse | null
  logFile: string
}

/** Lines of the log that are shown, the newest ones. */
const logLines = 500

/** Writes down how Satchel is, for whoever helps: versions, states, counts and the log; no case content, no secret. */
export async function diagnose(facts: DiagnosticsFacts): Promise<string> {
  const { info, views, counts, storage } = facts
  const log = await readFile(facts.logFile, 'utf8').catch(() => 'The log could not be read.')
  const sections = [
    [
      'Satchel diagnostics',
      [`Made ${facts.now.toISOString()}. Holds no case content and no password or key.`],
    ],
    [
      'Versions',
      [
        `Satchel ${info.version}, Electron ${info.electron}, Chromium ${info.chromium}`,
        facts.platform,
        `Secrets sealed by the system's keyring: ${info.secretsSealed ? 'yes' : 'no'}`,
      ],
    ],
    ['Notices of this start', info.notices.length === 0 ? ['None.'] : info.notices],
    ['Cases by state', Object.entries(counts).map(([state, cases]) => `${state}: ${cases}`)],
    ['Destinations', views.map(describe)],
    [
      'Storage',
      storage === null
        ? ['Could not be measured.']
        : [
            ...storage.parts.map(({ part, bytes }) => `${part}: ${bytes} bytes`),
            `free on this disk: ${storage.free} bytes`,
          ],
    ],
    [`The log's last ${logLines} lines`, log.trimEnd().split('\n').slice(-logLines)],
  ] as const
  return sections
    .map(([title, lines]) => [`== ${title}`, ...(lines.length === 0 ? ['None.'] : lines)].join('\n'))
    .join('\n\n')
}

// The address without its path, and no account: enough to help, and nobody's name.
function describe({ destination, status }: DestinationView): string {
  const { kind, baseUrl, signInWith, trust, enabled } = destination
  const address = baseUrl === null ? 'on this laptop' : new URL(baseUrl).origin
  const problem = status.problem === null ? 'no problem' : status.problem.code
  return [kind, address, status.connection, problem, `signs in with ${signInWith}`, `trusts ${trust.kind}`]
    .concat(enabled ? [] : ['turned off'])
    .join(', ')
}
