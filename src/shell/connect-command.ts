import { type Errno, strerror } from '../dataplane/index.ts'
import { describeNote } from '../model/index.ts'
import { type Ip, withPort } from '../wire/index.ts'
import { type FlagTable, parseFlags } from './flags.ts'
import type { Host } from './host.ts'
import { resolveName } from './resolve-name.ts'
import { failed, reprinted } from './result.ts'
import type { Run } from './run.ts'

/** How a connection ended for whoever asked for it. */
type Ending =
  | { readonly kind: 'connected' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly errno: Errno }

/** A connection that was tried. */
interface Tried {
  readonly ending: Ending
  readonly run: Run
  /** Milliseconds it took. */
  readonly took: number
}

/** Seconds a connection is given where nothing is said: the kernel's six SYNs take 127. */
const KERNEL_PATIENCE = 127

/** Opens a connection and closes it. */
export function connect(host: Host, address: Ip, port: number, timeout: number | undefined): Tried {
  const { clock } = host.lab.simulation
  const before = clock.now
  const run = host.lab.tcp(host.netns, address, port, { request: 0, reply: 0, timeout: timeout ?? KERNEL_PATIENCE })
  host.ran = run
  return { run, ending: endingOf(run.outcome), took: Math.round((clock.now - before) / 1_000_000) }
}

/** What the client of the laboratory reports. */
function endingOf(outcome: string): Ending {
  const errno = /^connect error: (\w+)/.exec(outcome)?.[1] as Errno | undefined
  if (errno !== undefined) return errno === 'ETIMEDOUT' ? { kind: 'timeout' } : { kind: 'failed', errno }
  return outcome === 'timeout' ? { kind: 'timeout' } : { kind: 'connected' }
}

/** What was assumed, behind the words of the tool. */
function remarks(run: Run): string {
  return run.notes.map((one) => `packetwalk: ${describeNote(one)}\n`).join('')
}

/** The run with the tool's own words and status; its packets stay those of the connection. */
export function told(run: Run, stderr: string, exitCode: number): Run {
  const said = `${stderr}${remarks(run)}`
  const outcome = stderr.split('\n', 1)[0] ?? ''
  return reprinted(run, { stdout: '', stderr: said, exitCode, outcome }, exitCode === 0)
}

const NC_FLAGS: FlagTable = {
  valued: { '-w': 'seconds', '-p': 'source' },
  plain: { '-z': 'scan', '-v': 'verbose', '-n': 'numeric', '-4': 'v4', '-6': 'v6', '-u': 'udp' },
}

/** `nc -zv HOST PORT`: whether a connection can be opened. */
export function ncCommand(host: Host, words: readonly string[]): Run {
  const parsed = parseFlags(words.slice(1), NC_FLAGS)
  if (typeof parsed === 'string') return failed(`nc: ${parsed.replace(/^error: /, '')}`)
  const { flags } = parsed
  const [name = '', text = '', ...more] = parsed.words
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (name === '' || port < 1 || port > 65535 || more.length > 0)
    return failed('nc: usage: nc -zv [-u] [-w SECONDS] HOST PORT')
  if (!flags.has('scan')) return failed('nc: packetwalk opens connections, and carries no data: nc -z')
  const seconds = secondsOf(flags.get('seconds'))
  if (seconds === null) return failed(`nc: invalid timeout: ${String(flags.get('seconds'))}`)
  const found = resolveName(host, name)
  if ('why' in found) {
    host.ran = found.run ?? null
    const line = host.isBusybox
      ? `nc: bad address '${name}'`
      : `nc: getaddrinfo for host "${name}" port ${port}: Name or service not known`
    return failed(`${line}\npacketwalk: ${found.why}\n`)
  }
  const remark = found.remark === undefined ? '' : `packetwalk: ${found.remark}\n`
  const target = { name, address: found.address, port }
  if (flags.has('udp')) return ncUdp(host, target, flags.has('verbose'), remark)
  const { run, ending } = connect(host, found.address, port, seconds)
  const line = ncLine(host, target, ending)
  const silent = ending.kind === 'connected' && !flags.has('verbose')
  return told(run, `${silent ? '' : `${line}\n`}${remark}`, ending.kind === 'connected' ? 0 : 1)
}

interface NcTarget {
  readonly name: string
  readonly address: Ip
  readonly port: number
}

/** A datagram that nobody refuses counts as an open port. */
function ncUdp(host: Host, target: NcTarget, verbose: boolean, said: string): Run {
  const run = host.lab.udp(host.netns, target.address, target.port)
  host.ran = run
  const isRefused = run.outcome.startsWith('error ECONNREFUSED')
  const line = host.isBusybox
    ? `${target.name} (${withPort(target.address, target.port)}) open`
    : `Connection to ${target.name} ${target.port} port [udp/*] succeeded!`
  return told(run, `${isRefused || !verbose ? '' : `${line}\n`}${said}`, isRefused ? 1 : 0)
}

/** What busybox's nc in pods and that of OpenBSD on machines say. */
function ncLine(host: Host, target: NcTarget, ending: Ending): string {
  const { name, address, port } = target
  const error = ending.kind === 'failed' ? strerror(ending.errno) : 'Connection timed out'
  if (host.isBusybox)
    return ending.kind === 'connected'
      ? `${name} (${withPort(target.address, target.port)}) open`
      : `nc: ${name} (${withPort(target.address, target.port)}): ${error}`
  if (ending.kind === 'connected') return `Connection to ${name} ${port} port [tcp/*] succeeded!`
  const failure = ending.kind === 'timeout' ? 'timed out: Operation now in progress' : `failed: ${error}`
  return `nc: connect to ${name === address ? '' : `${name} (${address}) `}${name === address ? `${address} ` : ''}port ${port} (tcp) ${failure}`
}

const CURL_FLAGS: FlagTable = {
  valued: {
    '-m': 'max',
    '--max-time': 'max',
    '--connect-timeout': 'connect',
    '-o': 'file',
    '--output': 'file',
    '-H': 'header',
    '--header': 'header',
    '-X': 'method',
    '--request': 'method',
    '-w': 'format',
    '--write-out': 'format',
  },
  plain: {
    '-s': 'silent',
    '--silent': 'silent',
    '-S': 'errors',
    '--show-error': 'errors',
    '-v': 'verbose',
    '--verbose': 'verbose',
    '-k': 'insecure',
    '--insecure': 'insecure',
    '-I': 'head',
    '--head': 'head',
    '-L': 'follow',
    '--location': 'follow',
    '-f': 'fail',
    '--fail': 'fail',
    '-O': 'named',
    '--remote-name': 'named',
    '-4': 'v4',
    '-6': 'v6',
  },
}

/** `curl URL`: as far as the connection; what a server would answer is not known. */
export function curlCommand(host: Host, words: readonly string[]): Run {
  const parsed = parseFlags(words.slice(1), CURL_FLAGS)
  if (typeof parsed === 'string') return failed(`curl: ${parsed.replace(/^error: /, '')}`, 2)
  const { flags } = parsed
  const [url, ...more] = parsed.words
  if (url === undefined || more.length > 0) return failed("curl: try 'curl --help' for more information", 2)
  const target = targetOf(url)
  if (typeof target === 'string') return failed(`curl: ${target}`, 3)
  const [max, patience] = [secondsOf(flags.get('max')), secondsOf(flags.get('connect'))]
  if (max === null || patience === null) return failed('curl: expected a proper numerical parameter', 2)
  const verbose = flags.has('verbose')
  const quiet = flags.has('silent') && !flags.has('errors')
  const found = resolveName(host, target.name)
  if ('why' in found) {
    host.ran = found.run ?? null
    const line = `curl: (6) Could not resolve host: ${target.name}`
    const said = `${verbose ? `* Could not resolve host: ${target.name}\n` : ''}${quiet ? '' : `${line}\n`}`
    return failed(`${said}packetwalk: ${found.why}\n`, 6)
  }
  const { run, ending, took } = connect(host, found.address, target.port, least(max, patience))
  const lines = curlLines({ ...target, address: found.address, ending, took, max: max !== undefined, verbose })
  const remark = found.remark === undefined ? '' : `packetwalk: ${found.remark}\n`
  const error = quiet ? '' : lines.error
  const written = writtenOut(flags.get('format'), found.address, target.port, ending)
  return reprinted(told(run, `${lines.verbose}${error}${remark}`, lines.status), { stdout: written })
}

/** What `-w` writes at the end: as nobody answers anything here, the status is that of no answer. */
function writtenOut(format: string | true | undefined, address: Ip, port: number, ending: Ending): string {
  if (typeof format !== 'string') return ''
  const isConnected = ending.kind === 'connected'
  const values: Readonly<Record<string, string>> = {
    http_code: '000',
    response_code: '000',
    remote_ip: isConnected ? address : '',
    remote_port: isConnected ? String(port) : '0',
  }
  const text = format.replace(/\\n/g, '\n').replace(/\\t/g, '\t')
  return text.replace(/%\{([a-z_]+)\}/g, (whole, name: string) => values[name] ?? whole)
}

/** Host and port of a URL; a text says what is wrong with it. */
export function targetOf(url: string): { readonly name: string; readonly port: number } | string {
  const found = /^(?:([a-z]+):\/\/)?(?:\[([0-9a-f:.]+)\]|([^/:?#@]+))(?::(\d{1,5}))?(?:[/?#].*)?$/i.exec(url)
  const [, scheme = 'http', v6, plain, digits] = found ?? []
  const name = v6 ?? plain
  if (name === undefined) return '(3) URL using bad/illegal format or missing URL'
  const usual = scheme.toLowerCase() === 'http' ? 80 : scheme.toLowerCase() === 'https' ? 443 : undefined
  if (usual === undefined) return `(1) Protocol "${scheme}" not supported or disabled in libcurl`
  const port = digits === undefined ? usual : Number(digits)
  return port >= 1 && port <= 65535 ? { name, port } : '(3) URL using bad/illegal format or missing URL'
}

interface CurlEnd {
  readonly name: string
  readonly port: number
  readonly address: Ip
  readonly ending: Ending
  readonly took: number
  readonly max: boolean
  readonly verbose: boolean
}

/** What curl 7.88 says. */
function curlLines({ name, port, address, ending, took, max, verbose }: CurlEnd) {
  const trying = `*   Trying ${withPort(address, port)}...\n`
  const said = (text: string): string => (verbose ? text : '')
  switch (ending.kind) {
    case 'connected': {
      const note = `packetwalk: connected to ${address} port ${port}; what a server answers is not modelled\n`
      return {
        status: 0,
        error: note,
        verbose: said(`${trying}* Connected to ${name} (${address}) port ${port} (#0)\n`),
      }
    }
    case 'timeout': {
      const why = max
        ? `Connection timed out after ${took} milliseconds`
        : `Failed to connect to ${name} port ${port} after ${took} ms: Timeout was reached`
      return { status: 28, error: `curl: (28) ${why}\n`, verbose: said(`${trying}* ${why}\n* Closing connection 0\n`) }
    }
    case 'failed': {
      const why = `Failed to connect to ${name} port ${port} after ${took} ms: Couldn't connect to server`
      const cause = `* connect to ${address} port ${port} failed: ${strerror(ending.errno)}\n`
      const all = `${trying}${cause}* ${why}\n* Closing connection 0\n`
      return { status: 7, error: `curl: (7) ${why}\n`, verbose: said(all) }
    }
  }
}

/** A number of seconds; undefined when none was given, null for what is none. */
export function secondsOf(text: string | true | undefined): number | undefined | null {
  if (text === undefined) return undefined
  return typeof text === 'string' && /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : null
}

function least(...seconds: readonly (number | undefined)[]): number | undefined {
  const given = seconds.filter((one) => one !== undefined && one > 0) as number[]
  return given.length === 0 ? undefined : Math.min(...given)
}
