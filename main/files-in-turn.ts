import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** How the names of provisioning files end that the system opens with Satchel (electron-builder.yml, fileAssociations). */
const ending = '.satchel'

/** Files that people opened with Satchel, until their turn comes. */
export type FilesInTurn = {
  add(files: readonly string[]): void
  waiting(): string[]
  begin(open: (file: string) => Promise<void>): void
}

/**
 * The provisioning files that a command line names, as paths: what a double click comes to on Linux and Windows. Desktops
 * hand over paths or file: addresses (freedesktop.org, Desktop Entry Specification, %U); relative paths are under `folder`.
 */
export function filesToOpen(commandLine: readonly string[], folder: string): string[] {
  return commandLine.flatMap(argument => {
    if (argument.startsWith('-') || !argument.toLowerCase().endsWith(ending)) return []
    if (!/^file:/i.test(argument)) return [path.resolve(folder, argument)]
    try {
      return [fileURLToPath(argument)]
    } catch {
      return [] // of another machine
    }
  })
}

/** Files that are opened one after the other, in the order in which they came, from when `begin` is called. */
export function openInTurn(): FilesInTurn {
  const waiting: string[] = []
  let open: ((file: string) => Promise<void>) | null = null
  let busy = false
  async function work(): Promise<void> {
    if (open === null || busy) return
    busy = true
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await open(file)
    busy = false
  }
  return {
    add(files) {
      waiting.push(...files)
      void work()
    },
    waiting: () => [...waiting],
    begin(how) {
      open = how
      void work()
    },
  }
}
