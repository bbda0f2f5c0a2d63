import { describe, expect, it } from 'vitest'
import { capturedTarget, storm } from './storm.ts'

/** Frames in all; a million takes minutes: `PACKETWALK_FUZZ=1000000 npx vitest run test/robustness`. */
const FRAMES = Number(process.env['PACKETWALK_FUZZ'] ?? 20_000)

/** The demo in its three modes, Calico's and kube-proxy's chains, WireGuard, bridged netfilter, IPv6, and what is odd anyway. */
const TARGETS = [
  'seed-demo',
  'seed-demo-vxlan',
  'seed-demo-noencap',
  '03b-ipip-felix',
  '04c-vxlan-felix',
  '08-wireguard',
  '12-l4',
  '17-ipv6-noencap',
  '17c-ipv6-vxlan',
  '18-services-ipip',
  '19b-policy-noencap-reject',
  '20b-docker-bridge-brnf',
  '21-policy-routing',
  '22-vxlan-faults',
  '24-odd-packets',
  '27-tunnel-ttl-tos',
] as const

describe('mutated frames in a running simulation', () => {
  const each = Math.ceil(FRAMES / TARGETS.length)
  const timeout = 30_000 + each * 10

  it.each(TARGETS.map((name, i) => [name, i + 1] as const))(
    '%s: each ends, nothing is left',
    { timeout },
    (name, seed) => {
      const report = storm(capturedTarget(name), each, seed)
      expect(report.faults).toEqual([])
      expect(report.left).toEqual([])
      expect(report.timers).toBeLessThanOrEqual(0)
      expect(report.packets).toBeGreaterThanOrEqual(each)
      expect(report.causes.size).toBeGreaterThan(15)
      if (process.env['PACKETWALK_FUZZ'] !== undefined) {
        process.stderr.write(`${name}: ${each} frames, ${report.packets} packets, ${JSON.stringify(report.ends)}\n`)
      }
    },
  )
})
