/** A drawing as the build renders it (scripts/icons.mjs): data URLs of PNGs, by their width and height in pixels. */
declare module '*.svg?png' {
  const rendered: Readonly<Record<18 | 24 | 36 | 48 | 64, string>>
  export default rendered
}
