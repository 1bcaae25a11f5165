import {
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  Input,
  type MantineColorsTuple,
  Modal,
  PasswordInput,
  Switch,
} from '@mantine/core'
import controls from './controls.module.css'

// Mantine wants ten shades; the controls take their colours from tokens.css, so these only fill the gaps.
const accent: MantineColorsTuple = [
  '#e2f0f5',
  '#c7e2ec',
  '#a3d3e3',
  '#86cfe8',
  '#6cc0dd',
  '#3a93b3',
  '#1f7596',
  '#0f5c78',
  '#0c4c63',
  '#06222c',
]

function cls(name: string): string {
  return controls[name] ?? ''
}

/** Mantine dressed in Satchel's tokens (tokens.css), light and dark alike. */
export const theme = createTheme({
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: { accent },
  defaultRadius: '8px',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({ defaultProps: { variant: 'default' }, classNames: { root: cls('button') } }),
    Input: Input.extend({ classNames: { input: cls('input') } }),
    InputWrapper: Input.Wrapper.extend({
      classNames: { label: cls('label'), description: cls('description'), error: cls('error') },
    }),
    Checkbox: Checkbox.extend({
      classNames: {
        input: cls('box'),
        label: cls('tickLabel'),
        description: `${cls('description')} ${cls('beside')}`,
        error: `${cls('error')} ${cls('beside')}`,
      },
    }),
    Switch: Switch.extend({
      classNames: { label: cls('tickLabel'), description: `${cls('description')} ${cls('beside')}` },
    }),
    ModalRoot: Modal.Root.extend({
      defaultProps: {
        // react-remove-scroll would put a <style> into the page that the policy forbids; the page never scrolls anyway.
        lockScroll: false,
        centered: true,
        transitionProps: { transition: 'fade', duration: 120 },
      },
    }),
    PasswordInput: PasswordInput.extend({ styles: { visibilityToggle: { width: 30, height: 30 } } }),
    Modal: Modal.extend({
      classNames: { content: cls('modal'), title: cls('modalTitle'), close: cls('close') },
    }),
  },
})

const tokens = {
  '--mantine-color-body': 'var(--bg)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-default-border': 'var(--line-strong)',
}

/** Points Mantine's own variables at the tokens. */
export const tokenVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: tokens,
  dark: tokens,
})
