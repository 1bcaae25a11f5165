import { useEffect } from 'react'
import type { Draft } from '../../shared/case.ts'
import type { CaseGroup } from '../../shared/delivery.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCases, useDrafts } from '../outbox/queries.ts'

/** Rows in one page that the list reads; two of them fill a large screen. */
export const pageSize = 50

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
  offset,
  onRows,
}: {
  group: CaseGroup | 'all'
  offset: number
  onRows: (offset: number, rows: readonly OutboxCase[] | null) => void
}) {
  const rows = useCases({ group, offset, limit: pageSize })
  useEffect(() => {
    if (rows !== undefined) onRows(offset, rows)
  }, [rows, offset, onRows])
  useEffect(() => () => onRows(offset, null), [offset, onRows])
  return null
}

/** Reads one page of drafts for the list while it is mounted; a page is told as null when it is no longer read. */
export function DraftFeed({
  offset,
  onRows,
}: {
  offset: number
  onRows: (offset: number, rows: readonly Draft[] | null) => void
}) {
  const rows = useDrafts({ offset, limit: pageSize })
  useEffect(() => {
    if (rows !== undefined) onRows(offset, rows)
  }, [rows, offset, onRows])
  useEffect(() => () => onRows(offset, null), [offset, onRows])
  return null
}
