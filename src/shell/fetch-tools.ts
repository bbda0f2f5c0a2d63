import { strerror } from '../dataplane/index.ts'
import { withPort } from '../wire/index.ts'
import { connect, secondsOf, targetOf, told } from './connect-command.ts'
import { type FlagTable, parseFlags } from './flags.ts'
import type { Host } from './host.ts'
import { resolveName } from './resolve-name.ts'
import { failed } from './result.ts'
import type { Run } from './run.ts'

const WGET_FLAGS: FlagTable = {
  valued: {
    '-T': 'timeout',
    '--timeout': 'timeout',
    '-O': 'file',
    '--output-document': 'file',
    '-t': 'tries',
    '--tries': 'tries',
  },
  plain: {
    '-q': 'quiet',
    '--quiet': 'quiet',
    '-S': 'headers',
    '--spider': 'spider',
    '--no-check-certificate': 'insecure',
  },
}

/** Seconds wget of busybox waits for a connection. */
const WGET_PATIENCE = 900

/** What a server would answer is nothing packets tell. */
const UNANSWERED = 'what a server answers is not modelled'

/** `wget [-q] [-O FILE] [-T SECONDS] URL`: as far as the connection. */
export function wgetCommand(host: Host, words: readonly string[]): Run {
  const spread = words.slice(1).flatMap((word) => (word === '-qO-' ? ['-q', '-O', '-'] : [word]))
  const parsed = parseFlags(spread, WGET_FLAGS)
  if (typeof parsed === 'string') return failed(`wget: ${parsed.replace(/^error: /, '')}`)
  const { flags } = parsed
  const [url, ...more] = parsed.words
  if (url === undefined || more.length > 0) return failed('wget: packetwalk: wget [-q] [-O FILE] [-T SECONDS] URL')
  const target = targetOf(url)
  if (typeof target === 'string') return failed(`wget: bad address '${url}'`)
  const seconds = secondsOf(flags.get('timeout'))
  if (seconds === null) return failed(`wget: invalid number '${String(flags.get('timeout'))}'`)
  const found = resolveName(host, target.name)
  if ('why' in found) {
    host.ran = found.run ?? null
    return failed(`wget: bad address '${target.name}'\npacketwalk: ${found.why}\n`)
  }
  const { run, ending } = connect(host, found.address, target.port, seconds ?? WGET_PATIENCE)
  const at = withPort(found.address, target.port)
  const head = flags.has('quiet') ? '' : `Connecting to ${target.name} (${at})\n`
  switch (ending.kind) {
    case 'connected':
      return told(run, `${head}packetwalk: connected to ${at}; ${UNANSWERED}\n`, 0)
    case 'timeout':
      return told(run, `${head}wget: download timed out\n`, 1)
    case 'failed':
      return told(run, `${head}wget: can't connect to remote host (${found.address}): ${strerror(ending.errno)}\n`, 1)
  }
}

/** `telnet HOST [PORT]`: whether a connection can be opened; it is closed at once. */
export function telnetCommand(host: Host, words: readonly string[]): Run {
  const [name = '', text = '23', ...more] = words.slice(1)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (name === '' || name.startsWith('-') || port < 1 || port > 65_535 || more.length > 0)
    return failed('telnet: packetwalk: telnet HOST [PORT]')
  const found = resolveName(host, name)
  if ('why' in found) {
    host.ran = found.run ?? null
    const line = host.isBusybox
      ? `telnet: bad address '${name}'`
      : `telnet: could not resolve ${name}/${port}: Name or service not known`
    return failed(`${line}\npacketwalk: ${found.why}\n`)
  }
  const { run, ending } = connect(host, found.address, port, undefined)
  const trying = host.isBusybox ? '' : `Trying ${found.address}...\n`
  if (ending.kind === 'connected') {
    const hint = host.isBusybox ? '' : "Escape character is '^]'.\n"
    return told(
      run,
      `${trying}Connected to ${name}${host.isBusybox ? '' : '.'}\n${hint}packetwalk: and closed; ${UNANSWERED}\n`,
      0,
    )
  }
  const error = ending.kind === 'failed' ? strerror(ending.errno) : 'Connection timed out'
  const line = host.isBusybox
    ? `telnet: can't connect to remote host (${found.address}): ${error}`
    : `telnet: Unable to connect to remote host: ${error}`
  return told(run, `${trying}${line}\n`, 1)
}
