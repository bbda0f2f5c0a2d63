import { checkReport, printable } from '../../model/index.ts'
import type { MachineChange, Review } from '../review.ts'
import { REVIEW_FORM } from '../review-form.ts'
import { reachLines, reachTitle, wayLines } from './answers.ts'
import { folded } from './fold.ts'
import {
  causeText,
  counted,
  fieldText,
  followingLines,
  machineLines,
  objectText,
  placeText,
  whereText,
} from './words.ts'

/** Characters of a comment that GitHub takes. */
const MOST = 65_536
/** Room that is kept for what is said of what was left out. */
const KEPT = 400

/**
 * What differs, as a comment on a pull request: what changed in a few lines, the rest behind headings that open. What does not fit into a
 * comment is left out, and how much that is is said.
 */
export function renderReviewMarkdown(review: Review): string {
  checkReport('review', review, REVIEW_FORM)
  const { objects, state, notes } = review
  if (objects.length + state.length === 0 && notes.length === 0) return '### packetwalk: nothing differs\n'
  const head = [
    `### packetwalk: ${counted(objects.length, 'object')} changed, ${counted(state.length, 'change')} of state follow`,
    '',
    ...notes.map((note) => `> ${note}`),
    ...(notes.length === 0 ? [] : ['']),
  ]
  const page = new Page(MOST - KEPT)
  page.put(head.join('\n'))
  page.section(counted(objects.length, 'object'), objects.map(objectItem), true)
  page.section(
    reachTitle(review),
    review.reach.map((one) => answerItem(reachLines(one))),
    true,
  )
  page.section(
    'Ways of pings',
    review.ways.map((one) => answerItem(wayLines(one))),
    true,
  )
  for (const of of ['node', 'pod', 'machine'] as const) {
    const own = folded(state.filter((one) => one.of === of && one.follows !== true))
    const items = own.flatMap(({ shown, more, machines }) => [
      ...shown.map(changeItem),
      ...(more === 0 ? [] : [`- … and ${more} more like these, on ${counted(machines, 'machine')}`]),
    ])
    const following = followingLines(state.filter((one) => one.of === of))
    page.section(`State of ${of}s`, [...items, ...following.map((line) => `- ${line}`)], false)
  }
  return page.text
}

/** Text that grows up to a length; what does not fit is counted. */
class Page {
  text = ''
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  put(text: string): void {
    this.text += text
  }

  /** Items behind a heading that opens. */
  section(title: string, items: readonly string[], isOpen: boolean): void {
    if (items.length === 0) return
    const [open, close] = [`<details${isOpen ? ' open' : ''}><summary>${title}</summary>\n\n`, '\n</details>\n\n']
    let room = this.most - this.text.length - open.length - close.length
    const fitting: string[] = []
    for (const item of items) {
      room -= item.length + 1
      if (room < 0) break
      fitting.push(item)
    }
    const left = items.length - fitting.length
    if (fitting.length === 0) this.text += `*${title}: ${left} left out: a comment holds no more.*\n\n`
    else
      this.text += `${open}${fitting.join('\n')}\n${left === 0 ? '' : `\n*${left} more left out: a comment holds no more.*\n`}${close}`
  }
}

/** Text in a row of code: what Markdown would read otherwise is in it, too. */
function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${text}${pad}${fence}`
}

function answerItem([first = '', ...rest]: readonly string[]): string {
  return [`- ${code(first)}`, ...rest.map((line) => `  - ${code(line.trim())}`)].join('\n')
}

function objectItem(one: Review['objects'][number]): string {
  const place = placeText(one)
  const first = `- ${code(objectText(one))}${place === '' ? '' : ` (${code(printable(place))})`}`
  return [first, ...one.fields.map((field) => `  - ${code(fieldText(field))}`)].join('\n')
}

function changeItem(one: MachineChange): string {
  const [first = '', ...inside] = machineLines(one)
  const rest = inside.map((line) => `  - ${code(line)}`)
  return [`- ${code(first)} ${whereText(one)}: ${causeText(one)}`, ...rest].join('\n')
}
