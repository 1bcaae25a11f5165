import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import styles from './description.module.css'

// Nothing is loaded and nothing leads out of Satchel: what somebody else's text points to is shown as text.
const components: Components = {
  a: ({ children, href }) => (
    <>
      {children}
      {href !== undefined && href !== '' && <span className={styles.address}> ({href})</span>}
    </>
  ),
  img: ({ alt, src }) => (
    <span className={styles.address}>
      Image not shown: {alt} {typeof src === 'string' && `(${src})`}
    </span>
  ),
  input: ({ checked }) => (checked === true ? '☑' : '☐'),
  // The page's own headings come first in the outline.
  h1: 'h4',
  h2: 'h4',
  h3: 'h4',
  h5: 'h4',
  h6: 'h4',
}

/** A description as markdown, without raw HTML, images and links. */
export function Description({ text }: { text: string }) {
  return (
    <div className={styles.description}>
      <Markdown remarkPlugins={[remarkGfm]} components={components} skipHtml>
        {text.replaceAll(/(?<! {2})\n/g, '  \n')}
      </Markdown>
    </div>
  )
}
