import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { describe, expect, test } from 'vitest'
import { Description } from '../../../renderer/case/description.tsx'

function drawn(text: string): HTMLElement {
  const place = document.createElement('div')
  flushSync(() => createRoot(place).render(<Description text={text} />))
  return place
}

describe('a description', () => {
  test('is shown as markdown', () => {
    const place = drawn(
      'Seen:\n\n- **two** men\n- a van\n\n| plate | colour |\n| --- | --- |\n| AB 12 | red |',
    )
    expect(place.querySelectorAll('li')).toHaveLength(2)
    expect(place.querySelector('strong')?.textContent).toBe('two')
    expect(place.querySelector('td')?.textContent).toBe('AB 12')
  })

  test('keeps the lines that were written', () => {
    expect(drawn('one\ntwo').querySelectorAll('br')).toHaveLength(1)
  })

  test.each([
    '![seen](https://evil.example/pixel.png)',
    '<img src=x onerror="alert(1)"><script>alert(1)</script><iframe src="https://evil.example"></iframe>',
    '[click](javascript:alert(1)) <https://evil.example>',
    '# A heading of its own',
  ])('loads nothing, leads nowhere and takes no heading of the page: %s', text => {
    const place = drawn(text)
    expect(place.querySelector('img, script, iframe, a, h1, h2, h3, style, form')).toBeNull()
  })

  test('says where a link would lead', () => {
    expect(drawn('[the map](https://maps.example/x)').textContent).toContain(
      'the map (https://maps.example/x)',
    )
  })
})
