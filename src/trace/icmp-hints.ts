import type { Disposition } from './trace.ts'

/** What an ICMP error means for the one who got it, when no drop explains it. */
export function icmpHint(error: Extract<Disposition, { kind: 'error' }>): string {
  if (error.type === 3 && error.code === 3) return 'The host is there, but nothing listens on this port.'
  if (error.type === 3 && error.code === 4) return 'Send smaller packets, or clear DF.'
  if (error.type === 11 && error.code === 0) return 'The packet got as far as its TTL allowed.'
  return ''
}
