import { checkArgument } from '../../model/index.ts'
import type { Trace } from '../../trace/index.ts'
import { escapeXml } from '../escape.ts'
import { shortName } from '../layout-text.ts'
import { THEMES, type Theme } from '../palette.ts'
import { timeText } from '../time.ts'
import { stepsClass, stepsCss } from './css.ts'
import { decidedHtml } from './decided-html.ts'
import { frameHtml } from './frame-html.ts'
import type { PacketStep, StepsView } from './packet-step.ts'
import { stepsScript } from './script.ts'
import { type StepsOptions, stepsOf } from './steps-of.ts'

/** How steps are drawn. */
export interface StepsHtmlOptions extends StepsOptions {
  /** A whole page, which goes by its address (`#step-7`); false: a piece of HTML to put into one. Absent = true. */
  readonly page?: boolean
  /** What ids begin with, so that several pieces fit into one document: letters, digits and `-`. Absent = `step`. */
  readonly id?: string
  /** Colours for light or dark surroundings, greys for `print`; `auto`, the reader's own setting, when left out. */
  readonly theme?: Theme
}

/**
 * A trace one step at a time, as HTML that needs nothing else: previous and next (buttons, arrow keys, the address), every header
 * open, a field selected with its bytes. Without scripts all steps stand below each other. As wide as the window it stands in.
 * @throws InputError for options out of range
 */
export function renderSteps(trace: Trace, options: StepsHtmlOptions = {}): string {
  const view = stepsOf(trace, options)
  const { page = true, id = 'step', theme = 'auto' } = options
  checkArgument(typeof page === 'boolean', 'options.page', 'true or false', page)
  const isId = typeof id === 'string' && /^[a-z][a-z0-9-]*$/i.test(id)
  checkArgument(isId, 'options.id', 'letters, digits and -, a letter first', id)
  checkArgument(THEMES.includes(theme), 'options.theme', `one of ${THEMES.join(', ')}`, theme)
  const body = sectionHtml(view, { id, page, theme })
  if (!page) return body
  const title = view.title === '' ? 'packetwalk' : view.title
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeXml(title)}</title></head>
<body class="pw-steps-page ${stepsClass(theme)}"><main>
${body}</main></body>
</html>
`
}

function sectionHtml(
  view: StepsView,
  { id, page, theme }: Required<Pick<StepsHtmlOptions, 'id' | 'page' | 'theme'>>,
): string {
  const { steps, title, outcome, summary, ok } = view
  const asides = steps.filter((step) => step.aside).length
  const tone = view.certainty === 'undecided' ? 'open' : ok ? 'ok' : 'bad'
  const name = title === '' ? 'A packet' : title
  const more = `<label><input type="checkbox" class="aside-too"> address resolution and bystanders (${asides} more)</label>`
  return `<section class="pw-steps ${stepsClass(theme)}" id="${id}-view" aria-label="Step by step"><style>${stepsCss(theme)}</style>
<header><h1>${escapeXml(name)}: <span class="${tone}">${escapeXml(outcome)}</span></h1><details><summary>Summary</summary><p>${escapeXml(summary)}</p></details></header>
<div class="bar" role="toolbar" aria-label="Steps"><button type="button" class="prev">◀ Previous</button><button type="button" class="next">Next ▶</button><span class="at" aria-live="polite"></span>${asides === 0 ? '' : more}</div>
<div class="cols"><nav aria-label="All steps"><ol>${steps.map((step) => stepLink(step, id)).join('')}</ol></nav>
<div class="stage">${steps.map((step) => stepHtml(step, id)).join('\n')}</div></div>
<script>${stepsScript(id, page)}</script></section>
`
}

const ARROWS = { out: '→', in: '←', end: '■' } as const
const PARTS = { request: 'request', reply: 'reply', error: 'error', resolution: 'resolution', other: 'other' } as const
/** Characters of a name in the list of steps. */
const MOST_NAME = 22

function classesOf({ aside, part, end }: PacketStep): string {
  return [`p-${part}`, ...(aside ? ['aside'] : []), ...(end?.bad === true ? ['bad'] : [])].join(' ')
}

function stepLink(step: PacketStep, id: string): string {
  const { label, netns, dev, event, title, end } = step
  const what = event === 'end' ? title : dev
  const cross = end?.bad === true ? '✗' : ARROWS[event]
  return `<li class="${classesOf(step)}"><a href="#${id}-${label}"><b>${label}</b> <span>${escapeXml(shortName(netns, MOST_NAME))}</span> <small>${cross} ${escapeXml(what)}</small></a></li>`
}

function stepHtml(step: PacketStep, id: string): string {
  const { label, netns, role, title, reason, line, frame, part, packet, time, end } = step
  const head = `${id}-${label}-t`
  const what = `${PARTS[part]}${packet === 0 ? '' : `, packet ${packet}`}, ${role}, ${timeText(time)}`
  const changes = frame?.changes ?? []
  const changed = changes.length === 0 ? '' : `<p class="changes">Changed: ${escapeXml(changes.join('; '))}</p>`
  const why = `<p class="why${end?.bad === true ? ' bad' : ''}">${escapeXml(reason)}</p>`
  return `<article id="${id}-${label}" class="${classesOf(step)}" data-label="${label}" tabindex="-1" aria-labelledby="${head}"><h2 id="${head}"><span class="n">${label}</span> ${escapeXml(netns)}: ${end?.bad === true ? '✗ ' : ''}${escapeXml(title)}</h2>
<p class="who">${escapeXml(what)}</p>${line === '' ? '' : `<p class="line"><code>${escapeXml(line)}</code></p>`}
${why}${changed}${frame === undefined ? '' : frameHtml(frame)}
<div class="decided">${decidedHtml(step)}</div></article>`
}
