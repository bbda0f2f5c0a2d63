import type { Lab } from '../lab/index.ts'
import type { Run } from '../shell/index.ts'
import type { Question } from './session.ts'

/**
 * Asks a lab what a session asks.
 * @throws InputError for ends and ports that are not there
 */
export function answer(lab: Lab, question: Question): Run {
  const { from, to, protocol, port, size, ttl, dontFragment = false } = question
  const common = ttl === undefined ? {} : { ttl }
  switch (protocol) {
    case 'ping': {
      const df = dontFragment ? { pmtudisc: 'do' as const } : {}
      return lab.ping(from, to, { ...common, ...(size === undefined ? {} : { size }), ...df })
    }
    case 'udp': {
      const { number } = lab.port(to, port ?? '', protocol)
      return lab.udp(from, to, number, { ...common, ...(size === undefined ? {} : { size }), dontFragment })
    }
    case 'tcp': {
      const { number } = lab.port(to, port ?? '', protocol)
      return lab.tcp(from, to, number, { ...common, ...(size === undefined ? {} : { request: size }), dontFragment })
    }
  }
}
