import type { Host } from './host.ts'
import { programCommand } from './program-command.ts'
import { failed, reprinted } from './result.ts'
import type { Run } from './run.ts'

const FLAGS: ReadonlySet<string> = new Set(['-r', '--report', '-n', '--no-dns', '-w', '--report-wide', '-4', '-b'])

/** `mtr -r [-n] [-c CYCLES] [-T|-u] HOST`: a traceroute with as many probes a hop as there are cycles. */
export function mtrCommand(host: Host, typed: readonly string[]): Run {
  const words = typed.flatMap((word) => (/^--[a-z-]+=/.test(word) ? word.split(/=(.*)/s, 2) : [word]))
  let cycles = 10
  let kind = '-I'
  const names: string[] = []
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string
    const joined = /^-c(\d+)$/.exec(word)?.[1]
    if (word === '-c' || word === '--report-cycles' || joined !== undefined) {
      const text = joined ?? words[++i] ?? ''
      if (!/^\d{1,2}$/.test(text) || Number(text) < 1)
        return failed(`mtr: packetwalk: from 1 to 99 cycles, not ${text}`)
      cycles = Number(text)
    } else if (word === '-T' || word === '--tcp') kind = '-T'
    else if (word === '-u' || word === '--udp') kind = ''
    else if (/^-[rnwb4]{2,}$/.test(word)) continue
    else if (word.startsWith('-') && !FLAGS.has(word))
      return failed(`mtr: packetwalk does not know ${word}; there are -r -n -w -c CYCLES -T -u`, 2)
    else if (!word.startsWith('-')) names.push(word)
  }
  const [name, ...more] = names
  if (name === undefined || more.length > 0) return failed('mtr: packetwalk: mtr -r [-n] [-c CYCLES] HOST')
  // A probe is answered, or lost; so many at once a traceroute takes no more than ten of.
  const probes = Math.min(cycles, 10)
  const before = host.lab.simulation.clock.now
  const run = programCommand(host, ['traceroute', '-n', '-q', String(probes), ...(kind === '' ? [] : [kind]), name])
  if (!run.stdout.startsWith('traceroute to')) return run
  const rows = run.stdout
    .split('\n')
    .slice(1, -1)
    .map((line) => hopOf(line, probes))
  const own = host.netns.split('/').at(-1) ?? ''
  // Of what is behind the last that answered one line tells. @mtr ui/net.c net_max
  const silent = [...rows].reverse().findIndex(({ address }) => address !== '???')
  const shown = silent === -1 ? [] : rows.slice(0, rows.length - silent + 1)
  const isWide = words.some((word) => word === '--report-wide' || /^-[rnb4]*w/.test(word))
  const longest = Math.max(own.length, ...shown.map(({ address }) => address.length))
  // In a report that is not wide the names of hops have two characters less than that of this host.
  const [ofOwn, ofHops] = isWide ? [longest, longest] : [27, 25]
  const head = `HOST: ${own.slice(0, ofOwn).padEnd(ofOwn)} Loss%   Snt   Last   Avg  Best  Wrst StDev\n`
  const start = new Date(host.lab.simulation.epoch + before / 1_000_000).toISOString().replace(/\.\d+Z$/, '+0000')
  const lines = shown.map(({ number, address, columns }) => `${number}.|-- ${address.padEnd(ofHops)}${columns}\n`)
  const stdout = `Start: ${start}\n${head}${lines.join('')}`
  const note = cycles > probes ? `packetwalk: ${probes} probes a hop instead of ${cycles}\n` : ''
  return reprinted(run, { stdout, stderr: run.stderr + note })
}

/** A line of a report. */
interface Hop {
  readonly number: string
  readonly address: string
  readonly columns: string
}

/** A line of a report from a line of traceroute. */
function hopOf(line: string, probes: number): Hop {
  const [, number = '', rest = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? []
  const times = [...rest.matchAll(/([\d.]+) ms/g)].map((found) => Number(found[1]))
  const address = /(?:^|\s)((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f:]+:[0-9a-f:]*)/.exec(rest)?.[1] ?? '???'
  const lost = (100 * (probes - times.length)) / probes
  const mean = times.reduce((sum, one) => sum + one, 0) / Math.max(1, times.length)
  const spread = Math.sqrt(times.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, times.length))
  const columns =
    times.length === 0 ? [0, 0, 0, 0, 0] : [times.at(-1) ?? 0, mean, Math.min(...times), Math.max(...times), spread]
  const numbers = columns.map((value) => value.toFixed(1).slice(0, 5).padStart(6)).join('')
  const share = `${lost.toFixed(1)}%`.padStart(6)
  return { number: number.padStart(3), address, columns: `${share} ${String(probes).padStart(5)} ${numbers}` }
}
