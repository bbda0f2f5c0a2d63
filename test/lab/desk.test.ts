// What people try with a lab: type commands, change what they see, compare, read dumps.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diffTraces, InputError, Lab } from '../../src/index.ts'
import { readPcapng } from '../../src/wire/index.ts'
import { ROOT } from '../support/source-files.ts'

const yaml = readFileSync(`${ROOT}examples/demo/ipip.yaml`, 'utf8')
const demo = (options = {}): Lab => Lab.load(yaml, options)
const ends = (lab: Lab): readonly [string, string] => {
  const of = (node: string): string => lab.cluster?.workloadEndpoints.find((pod) => pod.node === node)?.netns ?? ''
  return [of('controlplane'), of('node01')]
}
const ask = (lab: Lab): ReturnType<Lab['ping']> => lab.ping(...ends(lab))

describe('lab.sh', () => {
  it('types a command on a node, and the answer is a Run', () => {
    const run = demo().sh('controlplane', 'ip route show default')
    expect(run).toMatchObject({ ok: true, exitCode: 0, stderr: '', files: [] })
    expect(run.stdout).toContain('default via')
    expect(run.trace.hops).toEqual([])
  })

  it('changes the network that programs run in', () => {
    const lab = demo()
    expect(ask(lab).ok).toBe(true)
    expect(lab.sh('node/controlplane', 'sysctl -w net.ipv4.ip_forward=0').ok).toBe(true)
    expect(ask(lab).ok).toBe(false)
  })

  it('carries the trace of the packets a command sent', () => {
    const lab = demo()
    const [from, to] = ends(lab)
    expect(lab.sh(from, `ping -c 1 ${to}`)).toMatchObject({ ok: true, trace: { ok: true } })
  })

  it.each(['ip route del 10.99.0.0/16', 'frobnicate', 'cat /proc/sys/net/none', 'ip route | grep nothing-like-it'])(
    '%s is not ok and says why',
    (line) => {
      const run = demo().sh('controlplane', line)
      expect(run.ok).toBe(false)
      expect(run.exitCode).not.toBe(0)
    },
  )

  it('keeps a capture over commands and hands out its file', () => {
    const lab = demo()
    const [from, to] = ends(lab)
    lab.sh(from, 'tcpdump -i eth0 -w /tmp/one.pcapng &')
    lab.ping(from, to)
    expect(lab.sh(from, 'fg').files.map(({ name }) => name)).toEqual(['/tmp/one.pcapng'])
  })

  it.each([
    { dev: 'any', linkTypes: [276] },
    { dev: 'tunl0', linkTypes: [101] },
    { dev: 'ens3', linkTypes: [1] },
  ])('writes frames of one link type: tcpdump -i $dev', ({ dev, linkTypes }) => {
    const lab = demo()
    const [from, to] = ends(lab)
    lab.sh('controlplane', `tcpdump -i ${dev} -w x.pcapng &`)
    lab.ping(from, to)
    const [file] = lab.sh('controlplane', 'fg').files
    const types = readPcapng(file?.bytes ?? new Uint8Array(0)).interfaces.map((one) => one.linkType)
    expect([...new Set(types)]).toEqual(linkTypes)
  })

  it('refuses a place that is not there', () => {
    expect(() => demo().sh('nowhere', 'ip route')).toThrow(InputError)
  })
})

describe('lab.compare', () => {
  const COMMAND = 'controlplane$ sysctl -w net.ipv4.ip_forward=0'

  it('asks from one moment: what the first answer taught is not known to the second', () => {
    const { before, after, diff } = demo().compare(() => undefined, ask)
    expect(before.trace).toEqual(after.trace)
    expect(diff).toMatchObject({ same: true, outcome: '' })
  })

  it.each([
    ['a command', COMMAND],
    [
      'a recipe',
      (draft: { namespaces: Record<string, { sysctls: Record<string, string> }> }) => {
        draft.namespaces['controlplane']!.sysctls['net.ipv4.ip_forward'] = '0'
      },
    ],
  ] as const)('says where the packets part after %s', (_what, change) => {
    const { before, after, diff } = demo().compare(change as never, ask)
    expect([before.ok, after.ok]).toEqual([true, false])
    expect(diff.same).toBe(false)
    expect(diff.parting?.right?.netns).toBe('controlplane')
  })

  it('leaves the lab as it was', () => {
    const lab = demo()
    const { network } = lab
    lab.compare(COMMAND, ask)
    expect(lab.network).toBe(network)
    expect(ask(lab).ok).toBe(true)
  })

  it.each(['ip route del default', 'controlplane$ ip route del 10.99.0.0/16', 'nowhere$ ip route'])(
    'refuses "%s" and leaves the lab as it was',
    (change) => {
      const lab = demo()
      const { network } = lab
      expect(() => lab.compare(change, ask)).toThrow(InputError)
      expect(lab.network).toBe(network)
    },
  )

  it('needs a lab that records', () => {
    expect(() => demo({ record: false }).compare(COMMAND, ask)).toThrow(InputError)
  })
})

describe('diffTraces', () => {
  it('does not find what the first run taught the second', () => {
    const lab = demo()
    const [first, second] = [ask(lab), ask(lab)]
    expect(first.trace.packets.some((packet) => packet.role === 'resolution')).toBe(true)
    expect(second.trace.packets.some((packet) => packet.role === 'resolution')).toBe(false)
    const { same, parting } = diffTraces(first.trace, second.trace)
    expect([same, parting?.why]).toEqual([true, undefined])
  })

  it('finds a question that both ask and one is not answered', () => {
    const [left, right] = [demo(), demo()]
    const dev = left.cluster?.workloadEndpoints.find((pod) => pod.netns === ends(left)[0])?.interfaceName ?? ''
    right.sh('controlplane', `sysctl -w net.ipv4.conf.${dev}.proxy_arp=0`)
    const { same, parting } = diffTraces(ask(left).trace, ask(right).trace)
    expect(same).toBe(false)
    expect(parting?.right).toMatchObject({ kind: 'arp', netns: 'controlplane', answered: false })
  })
})

type Sysctls = Record<string, string>

describe('lab.edit', () => {
  const forwarding = (lab: Lab): string[] => {
    const { sysctls } = lab.network.namespaces['node01']!
    return Object.keys(sysctls).filter((key) => /^net\.ipv4\.conf\..*\.forwarding$/.test(key) && sysctls[key] === '1')
  }
  const write = (lab: Lab, key: string, value: unknown): Lab =>
    lab.edit((draft) => {
      ;(draft.namespaces['node01']!.sysctls as Sysctls)[key] = value as string
    })

  it('writes a sysctl as the kernel does: ip_forward reaches every interface', () => {
    const lab = demo()
    expect(write(lab, 'net.ipv4.ip_forward', '0').network.namespaces['node01']?.sysctls).toEqual(
      (() => {
        const other = demo()
        other.sh('node01', 'sysctl -w net.ipv4.ip_forward=0')
        return other.network.namespaces['node01']?.sysctls
      })(),
    )
    expect(forwarding(lab)).toEqual([])
    expect(ask(lab).ok).toBe(false)
  })

  it.each(['net.ipv4.conf.eth0/100.rp_filter', 'net.ipv4.conf.eth0.100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'])(
    'takes %s for the device eth0.100',
    (key) => {
      const lab = demo()
      lab.edit((draft) => {
        const ns = draft.namespaces['node01']!
        const [some] = Object.values(ns.interfaces).filter((dev) => dev.kind === 'ethernet')
        ns.interfaces['eth0.100'] = { ...some!, name: 'eth0.100', addresses: [] }
      })
      write(lab, key, '1')
      const { sysctls } = lab.network.namespaces['node01']!
      expect(Object.keys(sysctls).filter((one) => one.includes('100') && one.endsWith('rp_filter'))).toEqual([
        'net.ipv4.conf.eth0/100.rp_filter',
      ])
    },
  )

  it.each([
    ['net.ipv4.ip_froward', '0', /ip_forward/],
    ['net.ipv4.conf.eth9.rp_filter', '1', /eth9/],
    ['net.ipv4.conf.all.rp_fliter', '1', /rp_filter/],
    ['net.ipv4.ip_forward', 0, /number 0/],
  ])('refuses %s = %j by name and changes nothing', (key, value, words) => {
    const lab = demo()
    const { network } = lab
    expect(() => write(lab, key, value)).toThrow(words)
    expect(lab.network).toBe(network)
  })

  it('shows routes that nodes share, and takes one from one node alone', () => {
    const lab = Lab.load(readFileSync(`${ROOT}examples/demo/vxlan.yaml`, 'utf8'))
    const names = Object.keys(lab.network.namespaces).filter((name) => lab.network.namespaces[name]?.shared?.length)
    expect(names.length).toBeGreaterThan(1)
    const [one, other] = names as [string, string]
    const dst = lab
      .sh(one, 'ip route')
      .stdout.match(/^\S+\/26 via .*$/m)?.[0]
      .split(' ')[0] as string
    const left = lab.sh(other, 'ip route').stdout
    lab.edit((draft) => {
      const ns = draft.namespaces[one]!
      ns.routes = ns.routes.filter((route) => route.dst !== dst)
    })
    expect(lab.sh(one, 'ip route').stdout).not.toContain(dst)
    expect(lab.sh(other, 'ip route').stdout).toBe(left)
  })

  it('keeps sharing what was not touched', () => {
    const lab = Lab.load(readFileSync(`${ROOT}examples/demo/vxlan.yaml`, 'utf8'))
    const [name = ''] = Object.keys(lab.network.namespaces).filter((one) => lab.network.namespaces[one]?.shared?.length)
    const { shared, routes } = lab.network.namespaces[name]!
    const before = lab.sh(name, 'ip route').stdout
    lab.edit((draft) => {
      const ns = draft.namespaces[name]!
      ns.routes.push({ ...ns.routes[0]!, dst: '10.99.0.0/16' as never })
    })
    expect(lab.network.namespaces[name]?.shared).toBe(shared)
    expect(lab.network.namespaces[name]?.routes).toHaveLength(routes.length + 1)
    expect(lab.sh(name, 'ip route').stdout).not.toBe(before)
  })
})

describe('lab.network', () => {
  it('cannot be written, from the start', () => {
    const ns = demo().network.namespaces['node01'] as unknown as { sysctls: Sysctls; routes: object[] }
    expect(() => {
      ns.sysctls['net.ipv4.ip_forward'] = '0'
    }).toThrow(TypeError)
    expect(() => ns.routes.push({})).toThrow(TypeError)
    expect(() => Object.assign(ns.routes[0]!, { via: '10.0.0.99' })).toThrow(TypeError)
  })
})
