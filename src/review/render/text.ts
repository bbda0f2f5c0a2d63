import { checkFunction, checkReport } from '../../model/index.ts'
import { plainStyle, type Style, type StyleRole } from '../../render/index.ts'
import type { MachineChange, Op, Review } from '../review.ts'
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

const ROLES: Readonly<Record<Op, StyleRole>> = { added: 'good', removed: 'bad', changed: 'change' }

/** What differs, for people: objects, then what follows from them on machines; '' where nothing does. */
export function renderReviewText(review: Review, style: Style = plainStyle): string {
  checkReport('review', review, REVIEW_FORM)
  checkFunction('style', style, 'a style: (role, text) => text')
  const sections = [
    objectLines(review, style),
    answerLines(reachTitle(review), review.reach.map(reachLines), style),
    answerLines(WAYS, review.ways.map(wayLines), style),
    stateLines(review, style),
  ].filter((lines) => lines.length > 0)
  const notes = review.notes.map((note) => `note: ${note}`)
  const all = [...sections, ...(notes.length > 0 ? [notes] : [])]
  return all.length === 0 ? '' : `${all.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const WAYS = 'ways of pings between the first pods of nodes, and to the internet'

function answerLines(title: string, answers: readonly (readonly string[])[], style: Style): string[] {
  return answers.length === 0 ? [] : [style('heading', title), ...answers.flat().map((line) => `  ${line}`)]
}

function objectLines({ objects }: Review, style: Style): string[] {
  if (objects.length === 0) return []
  const lines = objects.flatMap((one) => {
    const place = placeText(one)
    const first = `  ${style(ROLES[one.op], objectText(one))}${place === '' ? '' : `  ${style('origin', place)}`}`
    return [first, ...one.fields.map((field) => `      ${fieldText(field)}`)]
  })
  return [style('heading', counted(objects.length, 'object')), ...lines]
}

function stateLines({ state, nodes }: Review, style: Style): string[] {
  if (state.length === 0) return []
  const lines = folded(state.filter(({ follows }) => follows !== true)).flatMap(({ shown, more, machines }) => [
    ...shown.flatMap((one) => changeLines(one, style)),
    ...(more === 0 ? [] : [`  ${style('minor', `… and ${more} more like these, on ${counted(machines, 'machine')}`)}`]),
  ])
  const title = `${counted(state.length, 'change')} of state (${counted(nodes.compared, 'node')} compared)`
  return [style('heading', title), ...lines, ...followingLines(state).map((line) => `  ${style('minor', line)}`)]
}

function changeLines(one: MachineChange, style: Style): string[] {
  const [first = '', ...inside] = machineLines(one)
  return [
    `  ${style(ROLES[one.op], first)}  ${style('node', whereText(one))}`,
    ...inside.map((line) => `        ${line}`),
    `      ${style('origin', causeText(one))}`,
  ]
}
