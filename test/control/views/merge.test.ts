// What somebody changed by hand, and what programs write on top of it: by entries, not by lists.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allSee,
  type Cluster,
  mergedNamespace,
  mergedWires,
  type NodeViews,
  type ResyncPart,
  resyncedNode,
  type Sharing,
  stateChanges,
  ViewedNetworks,
} from '../../../src/control/index.ts'
import type { Namespace, Network, NetworkRecipe, Route } from '../../../src/model/index.ts'
import { runs } from '../../properties/run.ts'
import { build, node, pod, pool } from '../cluster-objects.ts'
import { revisions, viewsBy } from './revisions.ts'

const alone = (ns: Namespace | undefined, { shared }: Sharing = { namespaces: {}, shared: {} }): Sharing => ({
  namespaces: ns === undefined ? {} : { [ns.name]: ns },
  shared,
})

describe('a three-way merge', () => {
  it('is the edited state where programs wrote nothing, theirs where nobody edited, and itself once more', () => {
    fc.assert(
      fc.property(revisions(), fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }), (revs, bits) => {
        const networks = new ViewedNetworks()
        const [edited, was, fresh] = bits.map((one) => networks.network(viewsBy(one, revs))) as [
          Network,
          Network,
          Network,
        ]
        for (const { name } of revs.before.nodes) {
          if ([edited, was, fresh].some(({ namespaces }) => namespaces[name]?.role !== 'node')) continue
          expect(mergedNamespace(name, edited, was, was)).toBe(edited.namespaces[name])
          expect(mergedNamespace(name, was, was, fresh)).toBe(fresh.namespaces[name])
          const once = mergedNamespace(name, edited, was, fresh)
          const shared = once?.shared === undefined ? {} : fresh.shared
          const again = mergedNamespace(name, alone(once, { namespaces: {}, shared }), was, fresh)
          expect(stateChanges(alone(once, fresh), alone(again, fresh), name)).toEqual([])
          // Another revision is an edit by hand of everything: what programs wrote since is as they have it.
          const left = new Set(
            stateChanges(alone(once, fresh), fresh, name).map(({ thing, what }) => `${thing} ${what}`),
          )
          const written = stateChanges(was, fresh, name).filter(({ op, thing }) => op === 'add' && thing === 'route')
          for (const { thing, what } of written) expect(left).not.toContain(`${thing} ${what}`)
        }
      }),
      runs(60),
    )
  }, 120_000)
})

const objects = [
  node('a', '172.18.0.2/16'),
  node('b', '172.18.0.3/16'),
  pod('one', 'a', { ip: '10.0.0.5' }),
  pod('two', 'b', { ip: '10.0.0.70' }),
]
const of = (mode: object, more: readonly ReturnType<typeof pod>[] = []): Cluster =>
  build([...objects, pool('p', '10.0.0.0/24', { blockSize: 26, ...mode }), ...more])
const [IPIP, VXLAN, NONE] = [of({ ipipMode: 'Always' }), of({ vxlanMode: 'Always' }), of({})]
const MORE = of({}, [pod('three', 'a', { ip: '10.0.0.6' })])

const route = (dst: string, rest: Partial<Route>): Route =>
  ({ family: 'inet', dst, type: 'unicast', table: 'main', protocol: 'static', scope: 'global', ...rest }) as Route

/** A network with node a edited: what it shares is written out, as commands do. */
function edit({ network }: Cluster, recipe: (ns: Draft) => void): Network {
  const changed: NetworkRecipe = (draft) => recipe(draft.namespaces['a'] as unknown as Draft)
  return network.edit(changed)
}

interface Draft {
  routes: Route[]
  sysctls: Record<string, string>
  interfaces: Record<string, { mtu: number; name: string; ifindex: number }>
  iptables: { tables: { filter: { chains: Record<string, { rules: unknown[] }> } } }
  ipsets: Record<string, { members: string[] }>
  neighbours: { dst: string }[]
}

const merge = (edited: Network, was: Cluster, fresh: Cluster): Namespace =>
  mergedNamespace('a', edited, was.network, fresh.network)!

const USER_RULE = { matches: [{ kind: 'comment', comment: 'mine' }], target: { kind: 'ACCEPT' } }

describe('what somebody did by hand', () => {
  it('stays: a route, a sysctl, an MTU, a rule, a member of a set; what programs write comes beside it', () => {
    const mine = edit(NONE, (ns) => {
      ns.routes.push(route('10.9.0.0/16', { via: '172.18.0.9' as never, dev: 'eth0' }))
      ns.sysctls['net.ipv4.conf.all.rp_filter'] = '2'
      ns.interfaces['eth0']!.mtu = 1400
      ns.iptables.tables.filter.chains['FORWARD']!.rules.unshift(USER_RULE)
      ns.ipsets['cali40all-hosts-net']!.members.push('9.9.9.9')
    })
    const merged = merge(mine, NONE, MORE)
    expect(merged.routes.map(({ dst }) => dst)).toEqual(
      expect.arrayContaining(['10.9.0.0/16', '10.0.0.6/32', '10.0.0.5/32']),
    )
    expect(merged.sysctls).toMatchObject({ 'net.ipv4.conf.all.rp_filter': '2' })
    expect(merged.interfaces['eth0']?.mtu).toBe(1400)
    const { filter } = merged.iptables!.tables
    expect(filter?.chains['FORWARD']?.rules[0]).toMatchObject(USER_RULE)
    expect(Object.keys(filter!.chains).filter((name) => name.startsWith('cali-tw-'))).toHaveLength(2)
    expect(merged.ipsets!['cali40all-hosts-net']?.members).toContain('9.9.9.9')
  })

  it('stays taken away, until programs write it anew', () => {
    const mine = edit(NONE, (ns) => {
      ns.routes = ns.routes.filter(({ dst }) => dst !== '10.0.0.5/32')
      ns.neighbours = []
    })
    expect(merge(mine, NONE, MORE).routes.map(({ dst }) => dst)).not.toContain('10.0.0.5/32')
    expect(merge(mine, NONE, MORE).neighbours.map(({ dst }) => dst)).toEqual(['10.0.0.6'])
    const later = build([...objects, pool('p', '10.0.0.0/24', { blockSize: 26 })], 'v3.32.0')
    expect(merge(mine, NONE, later).routes.map(({ dst }) => dst)).toContain('10.0.0.5/32')
  })

  it('is over when programs take away what it was about', () => {
    const mine = edit(MORE, (ns) => {
      for (const dev of Object.values(ns.interfaces)) if (dev.name.startsWith('cali')) dev.mtu = 1300
    })
    const merged = merge(mine, MORE, NONE)
    expect(Object.values(merged.interfaces).filter(({ mtu }) => mtu === 1300)).toHaveLength(1)
  })

  it('keeps wires that somebody laid, and cuts those that programs took away', () => {
    const [was, fresh] = [MORE.network.wires, NONE.network.wires]
    const laid = {
      ends: [
        { netns: 'a', dev: 'x' },
        { netns: 'b', dev: 'x' },
      ],
    } as const
    expect(mergedWires([...was, laid], was, fresh)).toEqual([...fresh, laid])
    expect(mergedWires(was.slice(1), was, fresh)).toHaveLength(fresh.length - 1)
  })
})

const drop = (dst: string) => (ns: Draft) => {
  ns.routes = ns.routes.filter((one) => one.dst !== dst)
}
const cali = Object.keys(NONE.network.namespaces['a']!.interfaces).find((name) => name.startsWith('cali'))!
const PARTS: readonly ResyncPart[] = [
  'felix-devices',
  'felix-routes',
  'felix-rules',
  'felix-iptables',
  'felix-ipsets',
  'bird',
  'kube-proxy',
]

describe('a resync', () => {
  const views = (cluster: Cluster): NodeViews => allSee(cluster)
  const again = (part: ResyncPart, edited: Network, cluster: Cluster): Namespace =>
    resyncedNode(part, 'a', edited, cluster.network, views(cluster))!

  it.each<{ what: string; of: Cluster; hand: (ns: Draft) => void; by: readonly ResyncPart[] }>([
    { what: 'the route to a pod', of: NONE, hand: drop('10.0.0.5/32'), by: ['felix-routes'] },
    {
      what: 'a foreign route by the end of a pod',
      of: NONE,
      hand: (ns) => ns.routes.push(route('10.0.0.99/32', { dev: cali, scope: 'link' })),
      by: ['felix-routes'],
    },
    {
      what: 'a foreign route by a card',
      of: NONE,
      hand: (ns) => ns.routes.push(route('10.9.0.0/16', { dev: 'eth0', scope: 'link' })),
      by: [],
    },
    { what: 'a neighbour of a pod', of: NONE, hand: (ns) => (ns.neighbours = []), by: ['felix-rules'] },
    {
      what: 'the blackhole of BIRD',
      of: IPIP,
      hand: (ns) => (ns.routes = ns.routes.filter(({ type }) => type !== 'blackhole')),
      by: ['bird'],
    },
    {
      what: 'a tunnel device',
      of: VXLAN,
      hand: (ns) => (ns.interfaces['vxlan.calico']!.mtu = 1200),
      by: ['felix-devices'],
    },
    {
      what: 'a chain of Felix',
      of: NONE,
      hand: (ns) => (ns.iptables.tables.filter.chains['cali-FORWARD']!.rules = []),
      by: ['felix-iptables'],
    },
    {
      what: 'its jump',
      of: NONE,
      hand: (ns) => (ns.iptables.tables.filter.chains['FORWARD']!.rules = []),
      by: ['felix-iptables'],
    },
    {
      what: 'a member of a set',
      of: NONE,
      hand: (ns) => (ns.ipsets['cali40all-hosts-net']!.members = []),
      by: ['felix-ipsets'],
    },
    { what: 'a sysctl', of: NONE, hand: (ns) => (ns.sysctls['net.ipv4.ip_forward'] = '0'), by: [] },
  ])('$what is written again by $by and nobody else', ({ of: cluster, hand, by }) => {
    const edited = edit(cluster, hand)
    expect(stateChanges(cluster.network, edited, 'a')).not.toEqual([])
    const mended = PARTS.filter((part) => again(part, edited, cluster) === cluster.network.namespaces['a'])
    expect(mended).toEqual(by)
    for (const part of PARTS) if (!by.includes(part)) expect(again(part, edited, cluster)).toBe(edited.namespaces['a'])
  })

  it('of the firewall leaves what others have: a chain, and rules behind those of Felix', () => {
    const edited = edit(NONE, (ns) => {
      const { chains } = ns.iptables.tables.filter
      chains['MINE'] = { rules: [USER_RULE] }
      chains['FORWARD']!.rules.unshift(USER_RULE)
      chains['cali-FORWARD']!.rules = []
    })
    const { chains } = again('felix-iptables', edited, NONE).iptables!.tables.filter!
    expect(chains['MINE']?.rules).toMatchObject([USER_RULE])
    const fresh = NONE.network.namespaces['a']!.iptables!.tables.filter!.chains
    expect(chains['cali-FORWARD']).toEqual(fresh['cali-FORWARD'])
    expect(
      chains['FORWARD']?.rules.findIndex((rule) =>
        rule.matches.some((one) => one.kind === 'comment' && one.comment === 'mine'),
      ),
    ).toBe(1)
  })

  it('of a route whose device is gone waits for the device', () => {
    const edited = edit(VXLAN, (ns) => {
      ns.routes = ns.routes.filter(({ dev }) => dev !== 'vxlan.calico')
      delete ns.interfaces['vxlan.calico']
    })
    const routes = again('felix-routes', edited, VXLAN)
    expect(routes.routes.some(({ dev }) => dev === 'vxlan.calico')).toBe(false)
    expect(again('felix-devices', edited, VXLAN).interfaces['vxlan.calico']).toMatchObject({ up: true })
  })

  it('of kube-proxy puts its chains and jumps back', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'default' },
      spec: { clusterIP: '10.96.0.9', ports: [{ port: 80 }], selector: { app: 'x' } },
    }
    const cluster = build([...objects, pool('p', '10.0.0.0/24', { blockSize: 26 }), service as never])
    const edited = cluster.network.edit((draft) => {
      const chains = draft.namespaces['a']!.iptables!.tables.nat!.chains as unknown as Record<
        string,
        { rules: unknown[] }
      >
      for (const chain of Object.values(chains)) chain.rules = []
    })
    const half = again('kube-proxy', edited, cluster)
    const told = stateChanges(alone(half), cluster.network, 'a').map(({ thing, what }) => `${thing} ${what}`)
    expect(told.filter((what) => what.includes('KUBE-'))).toEqual([])
    expect(told.filter((what) => what.includes('cali-'))).not.toEqual([])
    const whole = resyncedNode(
      'felix-iptables',
      'a',
      { namespaces: { a: half }, shared: {} },
      cluster.network,
      allSee(cluster),
    )
    expect(whole).toBe(cluster.network.namespaces['a'])
  })
})
