// What a notebook does with a scene: predictions, steps, blanks, hints, checks, and the sheet that is handed in.
import { describe, expect, it } from 'vitest'
import {
  check,
  checkSheet,
  exercise,
  hint,
  lesson,
  predict,
  scene,
  step,
  stepsOf,
  variant,
} from '../../src/teach/index.ts'

const DISPLAY = Symbol.for('Jupyter.display')
const inspect = Symbol.for('nodejs.util.inspect.custom')

describe('predict', () => {
  it('asks first and judges after', () => {
    const seen: string[] = []
    const options = {
      choices: ['eth0', 'tunl0'],
      truth: () => `${seen.push('asked') && 'tunl0'}`,
      why: () => 'Because.',
    }
    const prediction = predict('Which device?', options)
    expect(prediction.toMarkdown()).toContain('Your prediction: none yet')
    prediction.answer('eth0')
    expect(seen).toEqual([])
    expect(prediction.judge()).toMatchObject({ right: false, given: 'eth0', truth: 'tunl0', why: 'Because.' })
    expect(prediction.toMarkdown()).toContain('**You predicted** eth0. **The answer:** tunl0. Because.')
  })

  it('says what happened to whom nothing predicted', () => {
    const judged = predict('Which device?', { choices: ['eth0', 'tunl0'] }).judge('tunl0')
    expect(judged).toMatchObject({ right: false, given: '', truth: 'tunl0' })
    expect(judged.toMarkdown()).toBe('**You made no prediction.** **The answer:** tunl0.\n')
  })

  it('is judged by what is said then, and cannot be changed after', () => {
    const prediction = predict('How many?').answer(104)
    expect(prediction.judge('104').right).toBe(true)
    expect(() => prediction.answer(3)).toThrow(/before the result was seen/)
  })

  it.each([
    ['a choice that there is not', () => predict('Which?', { choices: ['a', 'b'] }).answer('c'), /one of a, b/],
    ['no answer', () => predict('Which?').answer(''), /a text or a number/],
    ['nobody who says what happened', () => predict('Which?').answer('c').judge(), /what happened/],
    ['no question', () => predict(undefined as never), /the text of a question/],
  ])('refuses %s', (_, ask, message) => {
    expect(ask).toThrow(message)
  })
})

describe('step', () => {
  it('tells a hop: where, by which devices, why, and what leaves', () => {
    const { run, files } = scene('ipip', 4)
    const made = run()
    const told = step(made, 2)
    expect(told).toMatchObject({ number: 2, of: 6, bad: false })
    expect(files[0]?.text).toContain(told.where)
    expect(told.devices[1]).toBe('tunl0')
    expect(told.reasons.join(' ')).toContain('TTL 64→63')
    expect(step(made, 3).frame).toMatch(/^IP [\d.]+ > [\d.]+: IP [\d.]+ > [\d.]+: ICMP echo request/)
    expect(told.toMarkdown()).toContain('**Step 2 of 6: ')
  })

  it('tells every step of a run that is lost, the last of them bad', () => {
    const all = stepsOf(scene('policy', 4).run())
    expect(all.map(({ bad }) => bad)).toEqual([false, false, false, false, true])
  })

  it('refuses a step that there is not', () => {
    const run = scene('same-node').run()
    expect(() => step(run, 9)).toThrow(/a step from 1 to 3/)
    expect(() => step({} as never, 1)).toThrow(/trace/)
  })
})

describe('check and hint', () => {
  const ipip = exercise('ipip', 'Ada')

  it('counts what is right, and says what is no answer at all', () => {
    const verdict = check(ipip, { ...ipip.solve(), source: 'tunl0', length: '' })
    expect(verdict).toMatchObject({ passed: false, right: 2, of: 4 })
    expect(verdict.remarks).toEqual([
      '`source`: expected an address, such as 10.65.0.1, received "tunl0".',
      '`length` is not filled in.',
    ])
    expect(verdict.why).toBeUndefined()
  })

  it('takes an answer however it is written', () => {
    const six = exercise('ipv6', 'Ada')
    const { gateway = '', prefix = '', via = '' } = six.solve()
    const written = { gateway: gateway.replace('fe80::', 'FE80:0:0:0:'), prefix: prefix.toUpperCase(), via: ` ${via} ` }
    expect(check(six, written).passed).toBe(true)
  })

  it('refuses a blank that there is not, with the one that is near', () => {
    expect(() => check(ipip, { sorce: '10.0.0.1' })).toThrow(/did you mean "source"/)
    expect(() => check(ipip, '10.0.0.1')).toThrow(/an answer for each of device, source, destination, length/)
    expect(() => check({} as never, {})).toThrow(/an exercise/)
    expect(() => exercise('ipp', 'Ada')).toThrow(/did you mean "ipip"/)
  })

  it('gives hints in levels, none of which is the answer', () => {
    const hints = [1, 2, 3].map((level) => hint(ipip, level))
    expect(new Set(hints).size).toBe(3)
    for (const answer of Object.values(ipip.solve()).filter((one) => one !== 'tunl0'))
      expect(hints.join(' ')).not.toContain(answer)
    expect(() => hint(ipip, 4)).toThrow(/a level from 1 to 3/)
  })
})

describe('lesson', () => {
  const course = lesson('Through IPIP', { student: 'Ada' })
  course.objective('say which headers a packet has', 'find the route')
  course
    .predict('Which device?', { choices: ['eth0', 'tunl0'], truth: () => 'tunl0' })
    .answer('tunl0')
    .judge()
  const ipip = course.exercise('ipip')
  course.check(ipip, { ...ipip.solve(), device: 'eth0' })
  course.hint(ipip, 2)
  course.check(ipip, ipip.solve())
  course.hide(course.scene('ipip').run(), 'route')

  it('is about the variant of the student', () => {
    expect(course.seed).toBe(variant('Ada'))
    expect(course.scene('ipip')).toBe(course.scene('ipip'))
    expect(course.exercise('ipip')).toBe(ipip)
    expect(course.scene('ipip').files).toEqual(scene('ipip', variant('Ada')).files)
  })

  it('prints as a sheet: objectives, cluster, predictions, exercises and what came of them', () => {
    const text = course.toMarkdown()
    const parts = ['# Through IPIP', 'Student: Ada', '- find the route', '```yaml', '**As you predicted:** tunl0.']
    for (const part of [...parts, '### Exercise: through IPIP', '**Right.**', '____(prefix)'])
      expect(text).toContain(part)
  })

  it('hands in the last answers, and they are judged anew from JSON', () => {
    const sheet = JSON.parse(JSON.stringify(course.sheet())) as ReturnType<typeof course.sheet>
    expect(sheet).toMatchObject({ student: 'Ada', answers: [{ exercise: 'ipip', hints: 2 }] })
    expect(checkSheet(sheet)).toMatchObject({ student: 'Ada', passed: 1 })
    expect(checkSheet({ ...sheet, student: 'Grace' })).toMatchObject({ passed: 0 })
    expect(checkSheet(sheet).toMarkdown()).toContain('| ipip | right | 2 |')
    expect(() => checkSheet({} as never)).toThrow(/an answer sheet/)
  })

  it('draws everything as Markdown in notebooks and on consoles, and copies none of it', () => {
    for (const one of [course, ipip, course.scene('ipip'), step(course.scene('ipip').run(), 1), predict('Which?')]) {
      const drawn = one as unknown as Record<symbol, () => unknown>
      const markdown = one.toMarkdown()
      expect(drawn[DISPLAY]?.()).toEqual({ 'text/markdown': markdown, 'text/plain': markdown })
      expect(drawn[inspect]?.()).toBe(markdown)
      expect(Object.keys(one)).not.toContain('Jupyter.display')
    }
  })
})
