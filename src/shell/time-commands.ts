import type { Host } from './host.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

/** `sleep 5`, `sleep 2m`: virtual time passes. */
export function sleepCommand(host: Host, [, ...args]: readonly string[]): Run {
  if (args.length === 0) return failed('sleep: missing operand')
  let seconds = 0
  for (const word of args) {
    const [, number, unit = ''] = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(word) ?? []
    if (number === undefined) return failed(`sleep: invalid time interval '${word}'`)
    seconds += Number(number) * (UNITS[unit] ?? 1)
  }
  host.lab.wait(seconds)
  return printed('')
}

const NANOSECONDS_OF_MILLISECOND = 1_000_000
const two = (n: number): string => String(n).padStart(2, '0')

/** What `date +FORMAT` knows. */
const PARTS: Readonly<Record<string, (at: Date) => string>> = {
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  Y: (at) => String(at.getUTCFullYear()),
  m: (at) => two(at.getUTCMonth() + 1),
  d: (at) => two(at.getUTCDate()),
  H: (at) => two(at.getUTCHours()),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  F: (at) => at.toISOString().slice(0, 10),
  T: (at) => at.toISOString().slice(11, 19),
}
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `date [-u] [+FORMAT]`: virtual time, which begins with 1970 as the clock of tcpdump does. */
export function dateCommand(host: Host, [, ...args]: readonly string[]): Run {
  const at = new Date(host.lab.simulation.clock.now / NANOSECONDS_OF_MILLISECOND)
  const [format, ...more] = args.filter((word) => word !== '-u')
  if (format === undefined) {
    const day = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`
    return printed(`${day} ${PARTS['T']?.(at)} UTC ${at.getUTCFullYear()}\n`)
  }
  const unknown = [...format.matchAll(/%(.)/g)].find(([, letter = '']) => !Object.hasOwn(PARTS, letter))
  if (!format.startsWith('+') || more.length > 0 || unknown !== undefined)
    return failed(
      `date: packetwalk does not know ${unknown?.[0] ?? args.join(' ')}; there are +%${Object.keys(PARTS).join(' %')}`,
    )
  return printed(`${format.slice(1).replace(/%(.)/g, (_, letter: string) => PARTS[letter]?.(at) ?? '')}\n`)
}

/** `watch` prints for ever. */
export function watchCommand(_host: Host, words: readonly string[]): Run {
  const command = words
    .slice(1)
    .filter((word, i, all) => !/^-/.test(word) && all[i - 1] !== '-n')
    .join(' ')
  return failed(
    `watch: packetwalk prints no screens that change; run it again after a while: sleep 2; ${command === '' ? 'COMMAND' : command}`,
  )
}
