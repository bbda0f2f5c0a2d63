import type { U32Step, U32Test } from '../../model/index.ts'
import { parseNumber } from '../json.ts'

/** What a test has at most of steps and of ranges, and a match of tests. @linux include/uapi/linux/netfilter/xt_u32.h XT_U32_MAXSIZE */
const MOST = 10

/** The words of `--u32`: tests joined by `&&`, e.g. `0>>22&0x3C@12>>8=0x1000`. Undefined when they are none. */
export function parseU32(text: string): U32Test[] | undefined {
  const tests = text
    .replace(/\s+/g, '')
    .split('&&')
    .map((part) => parseTest(part))
  return tests.length > MOST || tests.includes(undefined) ? undefined : (tests as U32Test[])
}

function parseTest(text: string): U32Test | undefined {
  const [location = '', values, more] = text.split('=')
  const ranges = (values ?? '').split(',').map(parseRange)
  const words = location.split(/(<<|>>|&|@)/)
  const start = parseU32Number(words[0] ?? '')
  const steps: U32Step[] = []
  for (let i = 1; i < words.length; i += 2) {
    const value = parseU32Number(words[i + 1] ?? '')
    if (value === undefined) return undefined
    steps.push({ op: words[i] as U32Step['op'], value })
  }
  if (start === undefined || values === undefined || more !== undefined || ranges.includes(undefined)) return undefined
  return steps.length > MOST || ranges.length > MOST
    ? undefined
    : { start, steps, ranges: ranges as U32Test['ranges'][number][] }
}

function parseU32Number(text: string): number | undefined {
  const value = parseNumber(text)
  return value === undefined || value > 0xffffffff ? undefined : value
}

/** A value, or two with a colon between them; a missing end is the least or greatest there is. */
function parseRange(text: string): U32Test['ranges'][number] | undefined {
  const [first = '', second, third] = text.split(':')
  const low = first === '' && second !== undefined ? 0 : parseU32Number(first)
  const high = second === undefined ? low : second === '' ? 0xffffffff : parseU32Number(second)
  return low === undefined || high === undefined || third !== undefined || low > high ? undefined : { low, high }
}

const hex = (value: number): string => `0x${value.toString(16)}`

/** Tests as `iptables-save` prints them. */
export function u32Text(tests: readonly U32Test[]): string {
  return tests
    .map(({ start, steps, ranges }) => {
      const way = steps.map(({ op, value }) => `${op}${hex(value)}`).join('')
      const values = ranges.map(({ low, high }) => (low === high ? hex(low) : `${hex(low)}:${hex(high)}`))
      return `${hex(start)}${way}=${values.join(',')}`
    })
    .join('&&')
}
