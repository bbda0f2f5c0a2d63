import type { DrawnStop } from '../story/again.ts'
import { dropWords, type StopStep } from '../story/stops.ts'
import type { StoryStep } from '../story/story.ts'
import { type Block, framed, indented, NOTHING, n, paragraph, rect, stack, type TextStyle, textAt } from './blocks.ts'
import { widthOf } from './text-width.ts'

/** How sentences are set. */
export const SENTENCE: TextStyle = { size: 12, look: 'pw-ink', family: 'sans' }
const QUIET: TextStyle = { size: 11, look: 'pw-quiet', family: 'sans' }
/** How names of interfaces are set. */
export const DEVICE: TextStyle = { size: 11, look: 'pw-ink', family: 'mono' }
const ALARM: TextStyle = { size: 12, look: 'pw-bad', family: 'sans', bold: true }
const GOOD: TextStyle = { size: 12, look: 'pw-good', family: 'sans', bold: true }
const NUMBER: TextStyle = { size: 11, look: 'pw-number-ink', family: 'mono' }
const BULLET = 12
/** Space between the edges of a card and what stands in it, left and right. */
export const CARD_SIDES = 16

/** How much of a stop is shown. */
export interface StopOptions {
  /** Show the steps of address resolution instead of one line. */
  readonly resolution: boolean
}

/** What happens at a stop: the interfaces that are passed, then a sentence for every decision. */
export function stopBlock(stop: DrawnStop, width: number, options: StopOptions): Block {
  const inner = width - CARD_SIDES
  const steps = stop.steps.map((step) => stepBlock(step, inner, options))
  const blocks = [deviceBlock(stop.devices, inner - 10), asBefore(stop, inner), ...steps]
  const card = framed(stack(blocks, 5), { look: 'pw-card', width, pad: [8, 8, 8, 8], radius: 5 })
  const number = String(stop.number)
  return {
    height: card.height,
    draw: (x, y) => [
      ...card.draw(x, y),
      `<circle class="pw-number" cx="${n(x + width - 5)}" cy="${n(y + 4)}" r="9"/>`,
      textAt(number, x + width - 5 - widthOf(number, NUMBER) / 2, y + 8, NUMBER),
    ],
  }
}

/** What is decided as it was for an earlier packet, in one line. */
function asBefore({ asBefore: words }: DrawnStop, width: number): Block {
  if (words.length === 0) return NOTHING
  return bulleted('=', paragraph(`as before: ${words.join(', ')}`, width - BULLET, QUIET), 'pw-quiet')
}

/** Interfaces as a chain of chips, in the order the packet passes them. */
function deviceBlock(devices: readonly string[], width: number): Block {
  const rows: { readonly chips: { readonly name: string; readonly x: number; readonly w: number }[] }[] = []
  let x = 0
  for (const [i, name] of devices.entries()) {
    const w = Math.min(width, widthOf(name, DEVICE) + 12)
    const lead = i === 0 ? 0 : 16
    const last = rows.at(-1)
    if (last === undefined || x + lead + w > width) {
      const start = i === 0 ? 0 : Math.min(lead, width - w)
      rows.push({ chips: [{ name, x: start, w }] })
      x = start + w
    } else {
      last.chips.push({ name, x: x + lead, w })
      x += lead + w
    }
  }
  return {
    height: rows.length * 22,
    draw: (left, top) =>
      rows.flatMap(({ chips }, row) =>
        chips.flatMap((chip, i) => {
          const y = top + row * 22
          const isFirst = row === 0 && i === 0
          const arrow = isFirst || chip.x < 14 ? [] : [textAt('→', left + chip.x - 14, y + 13, QUIET)]
          return [
            ...arrow,
            rect('pw-device', left + chip.x, y, chip.w, 18, 9),
            textAt(chip.name, left + chip.x + 6, y + 13, DEVICE),
          ]
        }),
      ),
  }
}

function stepBlock(step: StopStep, width: number, options: StopOptions): Block {
  switch (step.kind) {
    case 'decision':
      return bulleted('▸', paragraph(step.sentence, width - BULLET, SENTENCE), 'pw-quiet')
    case 'delivery':
      return bulleted('✓', paragraph(step.sentence, width - BULLET - 2, GOOD), 'pw-good')
    case 'resolution':
      return resolutionBlock(step, width, options)
    case 'drop':
      return dropBlock(step, width)
  }
}

/** A drop: a cross, the word, the place, the cause; below it what the cause rests on. */
function dropBlock(step: Extract<StopStep, { readonly kind: 'drop' }>, width: number): Block {
  const room = width - 20
  const { head, rest } = dropWords(step)
  const why = rest === '' ? [] : [paragraph(rest, room, SENTENCE)]
  const body = stack([indented(paragraph(head, room - 18, ALARM), 18), ...why], 4)
  const box = framed(body, { look: 'pw-alarm', width, pad: [10, 7, 10, 8], radius: 3 })
  return { height: box.height, draw: (x, y) => [...box.draw(x, y), crossAt(x + 15, y + 14, 5)] }
}

/** One quiet line; its steps below it where they are asked for. */
function resolutionBlock(
  step: Extract<StopStep, { readonly kind: 'resolution' }>,
  width: number,
  { resolution }: StopOptions,
): Block {
  const line = paragraph(step.sentence, width - BULLET, QUIET)
  const steps = resolution
    ? step.steps.filter(isTelling).map((one) => paragraph(`– ${one.sentence}`, width - 24, QUIET))
    : []
  return bulleted('?', stack([line, ...steps.map((block) => indented(block, 8))], 2), 'pw-quiet')
}

function isTelling(step: StoryStep): boolean {
  return step.kind !== 'move' || step.over === 'wire'
}

function bulleted(mark: string, block: Block, look: string): Block {
  return {
    height: block.height,
    draw: (x, y) => [textAt(mark, x, y + 12, { ...SENTENCE, look }), ...block.draw(x + BULLET, y)],
  }
}

/** A cross. */
export function crossAt(x: number, y: number, r: number): string {
  return `<path class="pw-cross" d="M${n(x - r)} ${n(y - r)}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}"/>`
}

/** A tick. */
export function tickAt(x: number, y: number): string {
  return `<path class="pw-tick" d="M${n(x - 5)} ${n(y)}l4 4l7 -9"/>`
}
