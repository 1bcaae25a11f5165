import { useEffect } from 'react'
import type { Draft } from '../../shared/case.ts'
import type { CaseGroup } from '../../shared/delivery.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCases, useCasesById, useDrafts } from '../outbox/queries.ts'
import type { Narrowing } from '../view-store.ts'

/** Rows in one page that the list reads; two of them fill a large screen. */
export const pageSize = 50

/** Takes the rows of a page; a page is told as null when it is no longer read. */
type OnCases = (offset: number, rows: readonly (OutboxCase | null)[] | null) => void

/** The first rows of the pages that hold these places of a list, in which the drafts come first. */
export function pagesOf(places: readonly number[], drafts: number): { drafts: number[]; cases: number[] } {
  const pages = { drafts: new Set<number>(), cases: new Set<number>() }
  for (const place of places) {
    const [kind, index] = place < drafts ? (['drafts', place] as const) : (['cases', place - drafts] as const)
    pages[kind].add(index - (index % pageSize))
  }
  return { drafts: [...pages.drafts], cases: [...pages.cases] }
}

/** Reads one page of cases for the list while it is mounted; a page is told as null when it is no longer read. */
export function CaseFeed({
  group,
  order,
  offset,
  onRows,
}: {
  group: CaseGroup | 'all'
  order: 'newest' | 'oldest'
  offset: number
  onRows: OnCases
}) {
  const rows = useCases({ group, order, offset, limit: pageSize })
  useEffect(() => {
    if (rows !== undefined) onRows(offset, rows)
  }, [rows, offset, onRows])
  useEffect(() => () => onRows(offset, null), [offset, onRows])
  return null
}

/** Reads the rows of one page whose ids main found; what the outbox has not taken over yet is a gap. */
export function FoundFeed({
  offset,
  ids,
  onRows,
}: {
  offset: number
  ids: readonly string[] | undefined
  onRows: OnCases
}) {
  const rows = useCasesById(ids ?? [])
  useEffect(() => {
    if (ids !== undefined && rows !== undefined && rows.length === ids.length) onRows(offset, rows)
  }, [ids, rows, offset, onRows])
  useEffect(() => () => onRows(offset, null), [offset, onRows])
  return null
}

/** Reads one page of drafts for the list while it is mounted; a page is told as null when it is no longer read. */
export function DraftFeed({
  offset,
  filter,
  onRows,
}: {
  offset: number
  filter: Narrowing | null
  onRows: (offset: number, rows: readonly Draft[] | null) => void
}) {
  const rows = useDrafts({ offset, limit: pageSize, filter })
  useEffect(() => {
    if (rows !== undefined) onRows(offset, rows)
  }, [rows, offset, onRows])
  useEffect(() => () => onRows(offset, null), [offset, onRows])
  return null
}
