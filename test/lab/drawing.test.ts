// Runs, traces and labs at the end of a notebook cell: Deno's kernel asks the value for a bundle of forms, tslab prints it on Node's console.
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { Lab, type MimeBundle, parseTrace, type Run, renderText, traceToJson } from '../../src/index.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const DISPLAY = Symbol.for('Jupyter.display')

/** What Deno's kernel does with the value of a cell. */
const shownByDeno = (value: object): MimeBundle | undefined =>
  DISPLAY in value && typeof value[DISPLAY] === 'function' ? (value[DISPLAY]() as MimeBundle) : undefined

let lab: Lab
let run: Run
beforeAll(() => {
  lab = Lab.load(DEMO)
  const [a = '', b = ''] = lab.pods
  run = lab.ping(a, b)
})

describe('in Deno', () => {
  it('a trace is a picture', () => {
    expect(Object.keys(shownByDeno(run.trace) ?? {})).toEqual(['text/html', 'image/svg+xml', 'text/plain'])
    expect(shownByDeno(run.trace)?.['image/svg+xml']).toMatch(/^<svg /)
    expect(shownByDeno(run.trace)?.['text/plain']).toBe(renderText(run.trace, { view: 'hops' }))
    expect(shownByDeno(lab.trace())).toBeDefined()
    expect(shownByDeno(parseTrace(traceToJson(run.trace)))?.['text/html']).toBe(shownByDeno(run.trace)?.['text/html'])
  })

  it('a run is what it printed and the picture', () => {
    const bundle = shownByDeno(run)
    expect(bundle?.['text/plain']).toBe(`${run.stdout}\n${renderText(run.trace, { view: 'hops' })}`)
    expect(bundle?.['text/html']).toContain('1 packets transmitted, 1 packets received')
    expect(bundle?.['image/svg+xml']).toMatch(/^<svg /)
  })

  it('a command that sends nothing is what it printed', () => {
    const typed = lab.sh('node01', 'ip route show dev ens3')
    expect(shownByDeno(typed)).toEqual({ 'text/html': `<pre>${typed.stdout}</pre>`, 'text/plain': typed.stdout })
  })

  it('a lab is its machines and pods', () => {
    const plain = shownByDeno(lab)?.['text/plain']
    expect(plain).toMatch(/^packetwalk: \d+ machines, 5 pods$/m)
    expect(plain).toMatch(/^ {2}node node01: 172\.17\.0\.40.*; pods .*default\/busybox-deployment-8c7dc8548-btnkv/m)
    expect(Object.keys(shownByDeno(lab) ?? {})).toEqual(['text/html', 'text/plain'])
  })

  it('markup and control characters of the input are text', () => {
    const odd = Lab.load(DEMO)
    const typed = odd.sh('node01', 'ip "<img\u001b[31m"')
    expect(shownByDeno(typed)?.['text/html']).toContain('&lt;img')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(shownByDeno(typed)?.['text/html']).not.toMatch(/<img|\u001b/)
  })
})

describe('in tslab, which prints the last expression', () => {
  it.each([
    ['trace', () => run.trace, /default via 169\.254\.1\.1/],
    ['run', () => run, /1 packets transmitted[\s\S]*default via 169\.254\.1\.1/],
    ['lab', () => lab, /^packetwalk: \d+ machines/],
  ])('a %s is its text', (_name, value, pattern) => {
    expect(inspect(value())).toMatch(pattern)
    expect(inspect(value())).toBe(shownByDeno(value())?.['text/plain'])
  })
})

describe('the data stays plain', () => {
  it('no key more, no difference, no obstacle to a clone', () => {
    expect(Reflect.ownKeys({ ...run }).filter((key) => typeof key === 'symbol')).toEqual([])
    expect(JSON.parse(JSON.stringify(run.trace))).toEqual(run.trace)
    expect(structuredClone(run.trace)).toEqual(run.trace)
  })
})
