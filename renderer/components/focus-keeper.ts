import { useEffect } from 'react'

/** Marks a part of the screen that keeps the focus for what is taken away inside it. */
export type FocusArea = 'top' | 'list' | 'pane'

// Where the focus goes in each part; the list's is the row that Tab leads to.
const homes: Readonly<Record<FocusArea, string>> = {
  top: '[data-focus-area="top"] [data-sync]',
  list: '[data-focus-area="list"] [data-row][tabindex="0"]',
  pane: '[data-focus-area="pane"] :is(h2[tabindex="-1"], form input)',
}
const elsewhere = [homes.pane, homes.list, '[data-new-case]', 'h1[tabindex="-1"]']

/** Frames that the part which lost the focus has to draw what comes instead. */
const patience = 6

/**
 * Keeps the focus from being lost: where the element that had it is taken away or covered, the part of the screen that it was in
 * takes it, and where that has nothing, the next one. A person at the keyboard always goes on from somewhere near.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    let last: { element: Element; area: FocusArea | null } | null = null
    let frame = 0

    function note(event: FocusEvent): void {
      if (!(event.target instanceof Element)) return
      last = { element: event.target, area: areaOf(event.target) }
    }

    function check(): void {
      if (last === null || frame !== 0 || !isLost(last.element)) return
      const { area } = last
      let left = patience
      function look(): void {
        frame = 0
        if (last === null || !isLost(last.element)) return
        left -= 1
        const places = left > 0 && area !== null ? [homes[area]] : elsewhere
        if (!places.some(tryFocus) && left > 0) frame = requestAnimationFrame(look)
      }
      frame = requestAnimationFrame(look)
    }

    const watcher = new MutationObserver(check)
    watcher.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['data-pane', 'data-page'],
    })
    document.addEventListener('focusin', note)
    return () => {
      watcher.disconnect()
      cancelAnimationFrame(frame)
      document.removeEventListener('focusin', note)
    }
  }, [])
}

function areaOf(element: Element): FocusArea | null {
  const area = element.closest<HTMLElement>('[data-focus-area]')?.dataset.focusArea
  return area === 'top' || area === 'list' || area === 'pane' ? area : null
}

// A person who clicked beside everything has put the focus away; only what is gone or hidden has lost it.
function isLost(element: Element): boolean {
  const isShown = element.isConnected && element.getClientRects().length > 0
  return !isShown && (document.activeElement === document.body || document.activeElement === element)
}

function tryFocus(selector: string): boolean {
  const home = document.querySelector<HTMLElement>(selector)
  home?.focus()
  return home !== null && document.activeElement === home
}
