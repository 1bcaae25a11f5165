/** One line of the table: what was measured, against what, and what is to be reached. */
export type Figure = {
  name: string
  unit: 'ms' | 's' | 'cases/s' | 'MB' | 'CPU-s' | 'requests/s' | 'requests' | 'cases' | '× the ideal'
  satchel: number[]
  /** What it is compared with; `ratio` is taken of the two medians. */
  against: { what: string; samples: number[] } | null
  /** The ratio, or the number itself where nothing is compared, that is to be reached. */
  target: { least: number } | { most: number } | null
  /** What a power cut or a kill could cost, for both sides. */
  durability: string
}

/** Median, smallest and largest of some samples; NaN where there are none. */
export function summaryOf(samples: readonly number[]): { median: number; least: number; most: number } {
  const sorted = [...samples].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}

/** The value that this part of the samples does not exceed. */
export function percentileOf(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN
}

/** Satchel's median divided by that of what it is compared with; null where nothing is, that is nothing, or cases are counted. */
export function ratioOf({ unit, satchel, against }: Figure): number | null {
  const other = against === null || unit === 'cases' ? 0 : summaryOf(against.samples).median
  return other === 0 ? null : summaryOf(satchel).median / other
}

/** Whether a figure is where it should be; null where nothing was asked of it. */
export function isReached(figure: Figure): boolean | null {
  if (figure.target === null) return null
  const value = ratioOf(figure) ?? summaryOf(figure.satchel).median
  return 'least' in figure.target ? value >= figure.target.least : value <= figure.target.most
}

/** The figures as a table in Markdown. */
export function asTable(figures: readonly Figure[]): string {
  const heads = ['figure', 'Satchel', 'against', 'ratio', 'to reach', 'durability (Satchel; the other)']
  const rows = figures.map(figure => {
    const ratio = ratioOf(figure)
    const { against, target } = figure
    const sign = target === null ? '' : 'least' in target ? `≥ ${target.least}` : `≤ ${target.most}`
    const unit = ratio === null ? ` ${figure.unit}` : ' ×'
    const reached = isReached(figure)
    return [
      figure.name,
      spread(figure.satchel, figure.unit),
      against === null ? '' : `${against.what}: ${spread(against.samples, figure.unit)}`,
      ratio === null ? '' : `${ratio.toFixed(2)} ×`,
      sign === '' ? '' : `${sign}${unit}, ${reached === true ? 'reached' : 'not reached'}`,
      figure.durability,
    ]
  })
  const lines = [heads, heads.map(() => '---'), ...rows]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function spread(samples: readonly number[], unit: Figure['unit']): string {
  const { median, least, most } = summaryOf(samples)
  if (samples.length <= 1) return `${short(median)} ${unit}`
  return `${short(median)} ${unit} (${short(least)} to ${short(most)})`
}

function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 10 ? 1 : 2).replace(/\.?0+$/, '')
}
