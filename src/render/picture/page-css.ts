import { LAYER_KINDS, PALETTES, paletteVariables, type Theme, type ThemeName } from '../palette.ts'

/** A lane is at least so wide where lanes stand side by side. */
const LANE = 178
/** Lanes stand below each other in a page that is narrower, however few they are. */
const PAGE = 560

/**
 * What every rule begins with. The class stands three times: a rule of the front end, such as Jupyter's
 * `.jp-RenderedHTMLCommon ol:not(.list-inline)`, names three things, and must not win over one of ours.
 */
const ROOT = '.packetwalk.packetwalk.packetwalk'

/**
 * The style sheet of a page: narrow by itself, lanes side by side where the page has room for them. Every rule stays inside `.packetwalk`,
 * those for lanes inside `.lanes-5`: another picture of the same page may have more.
 */
export function pageCss(theme: Theme, lanes: number): string {
  const room = Math.max(PAGE, lanes * LANE)
  const wide = rules(WIDE, `.${lanesClass(lanes)}`)
  return `${variables(theme)}${rules(NARROW)}@container pw (min-width:${room}px){${wide}}`
}

/** Class of a page with so many lanes. */
export function lanesClass(lanes: number): string {
  return `lanes-${lanes}`
}

function variables(theme: Theme): string {
  const of = (name: ThemeName): string =>
    `${paletteVariables(PALETTES[name])};color-scheme:${name === 'dark' ? 'dark' : 'light'}`
  if (theme !== 'auto') return `.packetwalk.pw-${theme}{${of(theme)}}`
  return `.packetwalk.pw-auto{${of('light')}}@media (prefers-color-scheme:dark){.packetwalk.pw-auto{${of('dark')}}}`
}

function rules(lines: readonly (readonly [selector: string, body: string])[], of = ''): string {
  return lines
    .map(
      ([selector, body]) =>
        `${selector
          .split(',')
          .map((one) => `${ROOT}${of}${one === '' ? '' : ` ${one}`}`)
          .join(',')}{${body}}`,
    )
    .join('')
}

const NARROW: readonly (readonly [string, string])[] = [
  [
    '',
    'container:pw/inline-size;font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--pw-ink);background:var(--pw-paper);border:1px solid var(--pw-rule);border-radius:8px;padding:14px 16px;max-width:100%;box-sizing:border-box;overflow-wrap:anywhere',
  ],
  ['*', 'box-sizing:border-box'],
  ['h3', 'margin:0 0 4px;font-size:17px;line-height:1.3;color:inherit'],
  ['h4', 'margin:0;font-size:14px;line-height:1.3;color:inherit'],
  ['p', 'margin:4px 0 10px;line-height:inherit'],
  ['small', 'font-size:12px'],
  ['.ok', 'color:var(--pw-good)'],
  ['.bad', 'color:var(--pw-bad)'],
  ['.open', 'color:var(--pw-open)'],
  ['.notes', 'margin:4px 0 10px;padding:8px 8px 8px 26px;border:1px solid;border-radius:6px'],
  ['code,pre', 'font:12px/1.4 ui-monospace,Menlo,Consolas,monospace;background:none;color:inherit;padding:0'],
  ['pre', 'margin:2px 0;white-space:pre;overflow-x:auto;max-width:100%'],
  ['summary', 'cursor:pointer'],
  ['summary:focus-visible', 'outline:2px solid var(--pw-request);outline-offset:2px'],
  ['.lanes', 'display:none'],
  ['.chapter', 'margin:14px 0 0'],
  [
    '.way',
    'padding:4px 10px;border:1px solid var(--pw-rule);border-left-width:6px;border-radius:4px;background:var(--pw-paper)',
  ],
  ['.way.request', 'color:var(--pw-request);border-left-color:var(--pw-request)'],
  ['.way.reply', 'color:var(--pw-reply);border-left-color:var(--pw-reply);border-left-style:dashed'],
  ['.way.error', 'color:var(--pw-error);border-left-color:var(--pw-error);border-left-style:dotted'],
  ['.way.other', 'color:var(--pw-other);border-left-color:var(--pw-other);border-left-style:dotted'],
  ['.stays', 'list-style:none;margin:8px 0 0;padding:0;display:grid;gap:8px'],
  ['.stay', 'background:var(--pw-lane);border:1px solid var(--pw-rule);border-radius:4px;padding:6px;margin:0'],
  ['.stay.pod', 'border-radius:12px'],
  ['.stay.assumed,.lane.assumed', 'border-style:dashed'],
  ['.card', 'background:var(--pw-card);border:1px solid var(--pw-rule);border-radius:5px;padding:7px 9px'],
  [
    '.no',
    'display:inline-block;min-width:18px;height:18px;padding:0 4px;border-radius:9px;background:var(--pw-quiet);color:var(--pw-paper);font:11px/18px ui-monospace,Menlo,Consolas,monospace;text-align:center',
  ],
  ['.where small,.lane small,.to,.gone,.resolution,.origin,.quiet', 'color:var(--pw-quiet)'],
  ['.devs', 'display:flex;flex-wrap:wrap;gap:4px;margin:5px 0'],
  ['.dev', 'border:1px solid var(--pw-quiet);border-radius:9px;padding:0 7px;background:var(--pw-lane)'],
  ['.steps,.steps ol,.steps ul', 'margin:0;padding-left:18px'],
  ['.steps>li', 'margin:3px 0'],
  ['.resolution,.origin,.quiet', 'font-size:12.5px'],
  ['.delivery', 'color:var(--pw-good);list-style:none'],
  [
    '.drop',
    'list-style:none;margin-left:-16px;padding:7px 9px;background:var(--pw-alarm);border:2px solid var(--pw-bad);border-radius:4px',
  ],
  ['.drop>b', 'color:var(--pw-bad)'],
  ['.origin', 'display:inline'],
  ['.origin>summary', 'display:inline-block;list-style:none;text-decoration:underline dotted'],
  ['.quiet', 'margin:10px 0 0;padding:6px 10px 6px 24px;border:1px solid var(--pw-rule);border-radius:4px'],
  ['.leaves', 'margin:6px 0 0 10px;padding-left:10px;border-left:3px solid var(--pw-request)'],
  ['.leaves.reply', 'border-left:3px dashed var(--pw-reply)'],
  ['.leaves.error', 'border-left:3px dotted var(--pw-error)'],
  ['.leaves.other', 'border-left:3px dotted var(--pw-other)'],
  ['.to', 'display:block;font-size:12px'],
  ['.to::before', 'content:"↓ "'],
  ['.gone', 'margin:2px 0;padding:2px 6px;border:1px dashed;border-radius:3px;font-size:12px'],
  ['.header', 'border:1px solid;border-radius:3px;padding:2px 4px 4px 6px;margin-top:2px;font-size:12px'],
  ['.header.added', 'border-width:2.5px'],
  ['.header>code', 'display:inline-block;margin-right:8px'],
  [
    'mark',
    'display:inline-block;background:var(--pw-mark);color:var(--pw-mark-ink);border-radius:2px;padding:0 3px;margin-right:4px',
  ],
  ...LAYER_KINDS.map(
    (kind) =>
      [
        `.header.${kind}`,
        `background:var(--pw-${kind}-fill);border-color:var(--pw-${kind}-edge);color:var(--pw-${kind}-ink)`,
      ] as const,
  ),
  ['table', 'border-collapse:collapse;font-size:12px;color:inherit'],
  ['.table', 'overflow-x:auto;max-width:100%'],
  ['td', 'padding:2px 10px 2px 0;vertical-align:top;text-align:left;border:0;background:none;white-space:nowrap'],
  ['td.w', 'white-space:normal;min-width:18em'],
  ['tr.d td', 'color:var(--pw-quiet)'],
  ['tr.f td', 'border-top:1px solid var(--pw-rule)'],
  ['.o', 'color:var(--pw-open)'],
]

const WIDE: readonly (readonly [string, string])[] = [
  ['.lanes,.stays', 'display:grid;grid-template-columns:var(--lanes);gap:12px 18px'],
  [
    '.lane',
    'grid-column:var(--lane);text-align:center;background:var(--pw-lane);border:1px solid var(--pw-rule);border-radius:4px;padding:4px',
  ],
  ['.lane.pod', 'border-radius:14px'],
  ['.lane small', 'display:block'],
  ['.stay', 'grid-column:var(--lane);grid-row:var(--row);min-width:0;align-self:start;padding:4px;font-size:13px'],
  ['.card', 'padding:6px 7px'],
  ['.steps,.steps ol,.steps ul', 'padding-left:13px'],
  ['.drop', 'margin-left:-13px'],
  ['.where', 'float:left;margin-right:5px'],
  ['.devs', 'margin:0 0 5px'],
  ['.header', 'padding:2px 3px 3px 4px'],
  ['.where b,.where small', 'position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden'],
  ['.leaves,.leaves.reply,.leaves.error,.leaves.other', 'margin:6px 0 0;padding:0;border:0'],
  ['.leaves', 'position:relative'],
  ['.to', 'text-align:right'],
  ['.to::before', 'content:""'],
  ['.to::after', 'content:" ━▶"'],
  ['.reply .to::after', 'content:" ╍▷"'],
  ['.error .to::after,.other .to::after', 'content:" ┅▷"'],
  ['.back .to', 'text-align:left'],
  ['.back .to::after', 'content:""'],
  ['.back .to::before', 'content:"◀━ "'],
  ['.reply.back .to::before', 'content:"◁╍ "'],
  ['.error.back .to::before,.other.back .to::before', 'content:"◁┅ "'],
]
