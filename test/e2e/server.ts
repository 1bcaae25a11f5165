import { onTestFinished } from 'vitest'
import { type ScriptedServer, startScriptedServer } from '../main/scripted-server.ts'

/** A scripted server that is closed when the test is over. */
export async function aScriptedServer(): Promise<ScriptedServer> {
  const server = await startScriptedServer()
  onTestFinished(server.close)
  return server
}
