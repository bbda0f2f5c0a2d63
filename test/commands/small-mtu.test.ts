// Below 1280 bytes a device has no IPv6: what the kernel takes away when the MTU falls, and what comes back with it.
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../src/lab/index.ts'
import { clusterLab } from '../diagnose/small-cluster.ts'

const [A, B, B6] = ['default/a', 'default/b', 'fd00:10:0:2::3']

/** What these lines leave of IPv6 on a device. */
function six(lab: Lab, at: string, dev: string): readonly string[] {
  const lines = (command: string): string[] => lab.sh(at, command).stdout.split('\n')
  return [
    ...lines(`ip -6 addr show dev ${dev}`).filter((line) => line.includes('inet6')),
    ...lines('ip -6 route show table all').filter((line) => line.includes(`dev ${dev} `)),
    ...lines('ip -6 neigh').filter((line) => line.includes(`dev ${dev} `)),
  ].map((line) => line.trim())
}

describe('an MTU below 1280', () => {
  it.each([
    [1280, true],
    [1279, false],
    [576, false],
  ])('%d on the card of a node', (mtu, isThere) => {
    const lab = clusterLab()
    lab.ping(A, B6)
    expect(lab.sh('n1', `ip link set eth0 mtu ${mtu}`).exitCode).toBe(0)
    expect(six(lab, 'n1', 'eth0').length > 0).toBe(isThere)
    expect(lab.ping(A, B6).ok).toBe(isThere)
    expect(lab.ping(A, B).ok).toBe(true)
    // Other devices keep theirs.
    expect(lab.sh('n1', 'ip -6 addr').stdout).toContain('fe80::ecee:eeff:feee:eeee')
  })

  it('takes an address away for good: only the link-local one comes back with the MTU', () => {
    const lab = clusterLab()
    lab.sh('n1', 'ip link set eth0 mtu 1000')
    lab.sh('n1', 'ip link set eth0 mtu 1500')
    const left = six(lab, 'n1', 'eth0').filter((line) => line.startsWith('inet6'))
    expect(left).toEqual([expect.stringMatching(/^inet6 fe80::\S+\/64 scope link/)])
  })

  it('leaves a route its other next hops', () => {
    const lab = clusterLab()
    lab.sh('n1', 'ip link add d0 type dummy')
    lab.sh('n1', 'ip link set d0 up')
    lab.sh('n1', 'ip -6 addr add fd77::1/64 dev d0')
    lab.sh('n1', 'ip -6 route add fd99::/64 nexthop via fd77::2 dev d0 nexthop via fd0e:2::12 dev eth0')
    lab.sh('n1', 'ip link set d0 mtu 1000')
    expect(lab.sh('n1', 'ip -6 route').stdout).toMatch(/^fd99::\/64 via fd0e:2::12 dev eth0 metric/m)
  })

  it.each(['add', 'replace'])('refuses an address: ip addr %s', (verb) => {
    const lab = clusterLab()
    lab.sh('n1', 'ip link set eth0 mtu 1279')
    const run = lab.sh('n1', `ip addr ${verb} fd77::1/64 dev eth0`)
    expect([run.exitCode, run.stderr]).toEqual([2, 'RTNETLINK answers: Invalid argument\n'])
    expect(lab.sh('n1', `ip addr ${verb} 10.77.0.1/24 dev eth0`).exitCode).toBe(0)
  })

  it('hears nothing of it: the other side’s packets end there', () => {
    const lab = clusterLab()
    lab.sh('n2', 'ip link set eth0 mtu 1279')
    expect(lab.ping(A, B6).ok).toBe(false)
    expect(lab.ping('node/n1', 'fd0e:2::12').ok).toBe(false)
  })
})
