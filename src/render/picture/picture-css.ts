import { LAYER_KINDS, type Palette, type Theme, themedCss } from '../palette.ts'

/** Class of a picture's root: its rules reach no picture beside it. */
export function themeClass(theme: Theme): string {
  return `pw-picture pw-${theme}`
}

/** The rules of a picture. Written out for every theme: what draws SVG outside of browsers knows no custom properties. */
export function pictureCss(theme: Theme): string {
  const at = (rule: string): string => `.pw-${theme} ${rule}`
  const fixed = [
    '.pw-sans{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}',
    '.pw-mono{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}',
    '.pw-b{font-weight:600}',
    '.pw-gone{fill:none;stroke-dasharray:4 3}',
    '.pw-added{stroke-width:2.4}',
    '.pw-way{fill:none;stroke-width:2.2;stroke-linejoin:round}',
    '.pw-way.pw-reply{stroke-dasharray:7 4}',
    '.pw-way.pw-error{stroke-dasharray:2 3}',
    '.pw-way.pw-other{stroke-dasharray:1 4}',
    '.pw-assumed{stroke-dasharray:6 4}',
    '.pw-cross{fill:none;stroke-width:2.6}',
    '.pw-tick{fill:none;stroke-width:2.6}',
    '.pw-alarm{stroke-width:2.2}',
  ]
  return `${fixed.map(at).join('')}${themedCss(theme, (palette) => coloured(palette).map(at).join(''))}`
}

function coloured(p: Palette): readonly string[] {
  const words = (['ink', 'quiet', 'good', 'bad', 'open'] as const).map((name) => `.pw-${name}{fill:${p[name]}}`)
  const ways = (['request', 'reply', 'error', 'other'] as const).flatMap((name) => [
    `.pw-way.pw-${name}{stroke:${p[name]}}`,
    `.pw-head.pw-${name}{stroke:${p[name]};fill:${name === 'request' ? p[name] : p.paper}}`,
    `.pw-word.pw-${name}{fill:${p[name]}}`,
  ])
  const layers = LAYER_KINDS.flatMap((kind) => [
    `.pw-${kind}{fill:${p.layers[kind].fill};stroke:${p.layers[kind].edge}}`,
    `.pw-${kind}-ink{fill:${p.layers[kind].ink}}`,
  ])
  return [
    `.pw-paper{fill:${p.paper};stroke:${p.rule}}`,
    `.pw-lane{fill:${p.lane};stroke:${p.rule}}`,
    `.pw-card{fill:${p.card};stroke:${p.rule}}`,
    `.pw-band{fill:${p.paper};stroke:${p.rule}}`,
    `.pw-number{fill:${p.quiet}}`,
    `.pw-number-ink{fill:${p.paper}}`,
    `.pw-device{fill:${p.lane};stroke:${p.quiet}}`,
    `.pw-gone{stroke:${p.quiet}}`,
    `.pw-alarm{fill:${p.alarm};stroke:${p.bad}}`,
    `.pw-cross{stroke:${p.bad}}`,
    `.pw-tick{stroke:${p.good}}`,
    `.pw-mark{fill:${p.mark}}`,
    `.pw-mark-ink{fill:${p.markInk}}`,
    ...words,
    ...ways,
    ...layers,
  ]
}
