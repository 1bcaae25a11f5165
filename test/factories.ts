import { v7 as uuid } from 'uuid'
import type { Case, Draft, DraftContent } from '../shared/case.ts'
import type { Destination } from '../shared/destination.ts'
import { makeReference } from '../shared/reference.ts'

export const aWorkspaceId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'

/** A case as the compose form would queue it, with what the test cares about put in. */
export function aCase(given: Partial<Case> = {}): Case {
  return {
    id: uuid(),
    reference: makeReference(crypto.getRandomValues(new Uint8Array(12))),
    destinationId: 'hq',
    workspaceId: aWorkspaceId,
    summary: 'Badge reader at dock 4 answers to cloned card',
    description: 'Reader opened for a card written on site from badge 2211.',
    status: 'new',
    priority: 'medium',
    severity: 'high',
    fields: null,
    caseName: null,
    assignedTo: null,
    author: 'Ana Ruiz',
    device: 'FIELD-07',
    observedAt: null,
    writtenAt: new Date().toISOString(),
    replaces: null,
    ...given,
  }
}

/** A draft with a summary and nothing else. */
export function aDraft(
  given: Partial<Omit<Draft, 'content'>> = {},
  content: Partial<DraftContent> = {},
): Draft {
  return {
    id: uuid(),
    reference: makeReference(crypto.getRandomValues(new Uint8Array(12))),
    updatedAt: new Date().toISOString(),
    content: {
      destinationId: 'hq',
      workspaceId: aWorkspaceId,
      summary: 'Unknown USB device in control room PC',
      description: '',
      status: 'new',
      priority: 'medium',
      severity: 'medium',
      fieldInputs: {},
      otherFields: '',
      leftovers: {},
      caseName: '',
      assignedTo: '',
      observedAt: '',
      replaces: null,
      ...content,
    },
    ...given,
  }
}

/** A Tracecat destination on loopback. */
export function aDestination(given: Partial<Destination> = {}): Destination {
  return {
    id: 'hq',
    kind: 'tracecat',
    name: 'HQ Tracecat',
    baseUrl: 'http://127.0.0.1:1',
    workspaceId: aWorkspaceId,
    settleSeconds: 90,
    account: null,
    signInWith: 'password',
    trust: { kind: 'system' },
    plainHttpReason: null,
    assignedTo: null,
    enabled: true,
    ...given,
  }
}
