import { useEffect, useState } from 'react'

/** The time, renewed every `everyMs` milliseconds, so that ages and "next try" stay true on the screen. */
export function useNow(everyMs = 20_000): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
