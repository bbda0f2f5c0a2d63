import type { FailureAsk, Look } from '../../failures/index.ts'
import type { Run } from '../../shell/index.ts'
import { invalid } from '../asked.ts'
import type { Lab } from '../lab.ts'

/** How long an answer is waited for, in seconds: long enough for a segment that is sent again with what the network has taught. */
const PATIENCE = 20

/** Asks what shows a failure. */
export function askFor(lab: Lab, { kind, from, to, port, size, dontFragment = false }: FailureAsk): Run {
  switch (kind) {
    case 'ping':
      return lab.ping(from, to, {
        ...(size === undefined ? {} : { size }),
        ...(dontFragment ? { pmtudisc: 'do' as const } : {}),
      })
    case 'tcp':
      return lab.tcp(from, to, portOf(port), { ...(size === undefined ? {} : { request: size }), timeout: PATIENCE })
    case 'udp':
      return lab.udp(from, to, portOf(port), size === undefined ? {} : { size })
  }
}

function portOf(port: number | undefined): number {
  if (port === undefined) throw invalid('a port: ping alone has none', 'nothing')
  return port
}

/** What the one who asked sees of an answer. */
export function lookOf(run: Run): Look {
  if (run.ok) return 'works'
  const { outcome } = run
  if (/ECONNREFUSED|ECONNRESET/.test(outcome)) return isPortUnreachable(run) ? 'unreach-port' : 'refused'
  if (/EHOSTUNREACH|ENETUNREACH|unreachable|prohibited|Unreachable|Prohibited/.test(outcome)) return 'unreach-host'
  return 'timeout'
}

function isPortUnreachable({ trace }: Run): boolean {
  const { disposition } = trace
  return disposition.kind === 'error' && disposition.type >= 0
}
