// What is otherwise on a machine than before: told once each, in the words of the tools, and all of it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allSee,
  type Cluster,
  type NodeViews,
  type Sharing,
  type StateChange,
  stateChanges,
  ViewedNetworks,
} from '../../../src/control/index.ts'
import { fdbLine, neighbourLine, routeLine, ruleLine } from '../../../src/linux/index.ts'
import {
  fdbOf,
  type Namespace,
  type Network,
  namespace,
  neighboursOf,
  networkOf,
  routesOf,
} from '../../../src/model/index.ts'
import { runs } from '../../properties/run.ts'
import { build, node, pod, pool } from '../cluster-objects.ts'
import { revisions, viewsBy } from './revisions.ts'

/** All that a tool prints of a namespace, line by line. */
function linesOf(network: Sharing, ns: Namespace): Record<string, string[]> {
  return {
    route: routesOf(network, ns).map((route) => routeLine(route)),
    neighbour: neighboursOf(network, ns).map((one) => neighbourLine(one)),
    fdb: fdbOf(network, ns).map((one) => fdbLine(one)),
    rule: ns.rules.map((rule) => ruleLine(rule)),
    sysctl: Object.entries(ns.sysctls).map(([key, value]) => `${key} = ${value}`),
    interface: [...textsOf(network, ns, 'interface')],
    address: [...textsOf(network, ns, 'address')],
  }
}

/** Interfaces and addresses as the changes have them that make them of nothing. */
function textsOf(network: Sharing, ns: Namespace, thing: string): string[] {
  const empty = networkOf([namespace(ns.name)])
  const bare = { ...empty.namespaces[ns.name]!, interfaces: {}, routes: [], sysctls: {} }
  const was = { ...empty, namespaces: { [ns.name]: bare } }
  return stateChanges(was, network, ns.name)
    .filter((change) => change.thing === thing)
    .map(({ what }) => what)
}

function applied(lines: readonly string[], changes: readonly StateChange[]): string[] {
  const left = [...lines]
  for (const { op, what, was } of changes) {
    if (op !== 'add') {
      const at = left.indexOf(op === 'delete' ? what : was!)
      expect(at, `${op} ${what} ${was}`).toBeGreaterThanOrEqual(0)
      left.splice(at, 1)
    }
    if (op !== 'delete') left.push(what)
  }
  return left
}

describe('changes', () => {
  it('of nothing are none', () => {
    fc.assert(
      fc.property(revisions(), ({ before }) => {
        for (const name of Object.keys(before.network.namespaces))
          expect(stateChanges(before.network, before.network, name)).toEqual([])
      }),
      runs(4),
    )
  }, 120_000)

  it('make of each list what it is afterwards, and name each chain and set that differs', () => {
    fc.assert(
      fc.property(revisions(), fc.nat(255), fc.nat(255), (revs, a, b) => {
        const networks = new ViewedNetworks()
        const [was, fresh] = [a, b].map((bits) => networks.network(viewsBy(bits, revs))) as [Network, Network]
        for (const { name } of revs.before.nodes) {
          const [old, now] = [was.namespaces[name], fresh.namespaces[name]]
          if (old?.role !== 'node' || now?.role !== 'node') continue
          const changes = stateChanges(was, fresh, name)
          const [before, after] = [linesOf(was, old), linesOf(fresh, now)]
          for (const thing of Object.keys(after)) {
            const own = changes.filter((one) => one.thing === thing)
            expect(applied(before[thing]!, own).sort(), thing).toEqual([...after[thing]!].sort())
          }
          expect(told(changes, 'chain').sort()).toEqual(chainsThatDiffer(old, now).sort())
          expect(
            told(changes, 'set')
              .map((what) => what.split(' ')[0])
              .sort(),
          ).toEqual(setsThatDiffer(old, now).sort())
        }
      }),
      runs(5),
    )
  }, 120_000)
})

const told = (changes: readonly StateChange[], thing: string): string[] =>
  changes.filter((one) => one.thing === thing).map(({ what }) => what)

function chainsThatDiffer(a: Namespace, b: Namespace): string[] {
  const of = ({ iptables, ip6tables }: Namespace): Map<string, string> => {
    const all = new Map<string, string>()
    for (const [tool, rules] of [
      ['', iptables],
      ['ip6tables ', ip6tables],
    ] as const) {
      for (const [table, { chains }] of Object.entries(rules?.tables ?? {})) {
        for (const [name, { policy, rules: own }] of Object.entries(chains)) {
          const plain = own.map(({ matches, target }) => ({ matches, target }))
          all.set(`${tool}${table === 'filter' ? '' : `-t ${table} `}${name}`, JSON.stringify([policy, plain]))
        }
      }
    }
    return all
  }
  const [was, now] = [of(a), of(b)]
  return [...new Set([...was.keys(), ...now.keys()])].filter((name) => was.get(name) !== now.get(name))
}

function setsThatDiffer({ ipsets: a = {} }: Namespace, { ipsets: b = {} }: Namespace): string[] {
  const members = (set: { readonly members: readonly string[] } | undefined): string =>
    set === undefined ? 'none' : [...set.members].sort().join()
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => members(a[name]) !== members(b[name]))
}

const objects = [node('a', '172.18.0.2/16'), node('b', '172.18.0.3/16')]
const of = (mode: object, pods: readonly ReturnType<typeof pod>[] = []): Cluster =>
  build([
    ...objects,
    pool('p', '10.0.0.0/24', { blockSize: 26, ...mode }),
    pod('old', 'b', { ip: '10.0.0.70' }),
    ...pods,
  ])

/** Changes on node a, as `+thing what`; chains and sets only where they are asked for. */
function changesOn(was: NodeViews, fresh: NodeViews, things: RegExp): string[] {
  const networks = new ViewedNetworks()
  const signs = { add: '+', delete: '-', replace: '~' }
  return stateChanges(networks.network(was), networks.network(fresh), 'a')
    .filter(({ thing, origin }) => things.test(thing) && origin?.component !== 'kernel')
    .map(({ op, thing, what }) => `${signs[op]}${thing} ${what}`)
}

describe('in the words of the tools', () => {
  const [ipip, vxlan, none] = [of({ ipipMode: 'Always' }), of({ vxlanMode: 'Always' }), of({})]
  const withPod = of({}, [pod('new', 'a', { ip: '10.0.0.5' })])

  it.each<{ what: string; was: NodeViews; fresh: NodeViews; things?: RegExp; told: readonly string[] }>([
    {
      what: 'a pod is attached',
      was: allSee(none),
      fresh: { ...allSee(none), cni: withPod },
      things: /interface|route|neighbour|chain/,
      told: [
        '+interface cali64753973478 mtu 1500 up address ee:ee:ee:ee:ee:ee veth',
        '+route 10.0.0.5 dev cali64753973478 scope link',
      ],
    },
    {
      what: 'Felix hears of it',
      was: { ...allSee(none), cni: withPod },
      fresh: { ...allSee(none), cni: withPod, felix: withPod },
      things: /route|neighbour/,
      told: ['+neighbour 10.0.0.5 dev cali64753973478 lladdr ba:39:de:02:22:18 PERMANENT'],
    },
    {
      what: 'Felix makes a VXLAN device',
      was: allSee(none),
      fresh: { ...allSee(none), felixDevices: vxlan },
      things: /interface|^address|neighbour|fdb|route/,
      told: [
        '+interface vxlan.calico mtu 1450 up address 66:86:f7:e4:37:fa vxlan id 4096 local 172.18.0.2 dev eth0 srcport 0 0 dstport 4789 nolearning ttl auto ageing 300 udpcsum noudp6zerocsumtx noudp6zerocsumrx',
        '+address inet 10.0.0.192/32 scope global dev vxlan.calico',
        '+neighbour 10.0.0.64 dev vxlan.calico lladdr 66:e9:d7:1f:5e:e7 PERMANENT',
        '+fdb 66:e9:d7:1f:5e:e7 dev vxlan.calico dst 172.18.0.3 self permanent',
      ],
    },
    {
      what: 'BIRD withdraws',
      was: allSee(ipip),
      fresh: { ...allSee(ipip), bird: vxlan },
      things: /route/,
      told: [
        '-route blackhole 10.0.0.192/26 proto bird',
        '-route 10.0.0.64/26 via 172.18.0.3 dev tunl0 proto bird onlink',
      ],
    },
  ])('$what', ({ was, fresh, things = /./, told: lines }) => {
    expect(changesOn(was, fresh, things)).toEqual(lines)
  })

  it('with its origin', () => {
    const networks = new ViewedNetworks()
    const [was, fresh] = [networks.network(allSee(ipip)), networks.network({ ...allSee(ipip), bird: vxlan })]
    const [, gone] = stateChanges(was, fresh, 'a').filter(({ thing }) => thing === 'route')
    expect(gone?.origin).toMatchObject({ component: 'bird', object: 'IPPool/p', field: 'spec.ipipMode' })
  })

  it('a namespace that comes or goes is one change', () => {
    const [was, fresh] = [none.network, withPod.network]
    expect(stateChanges(was, fresh, 'default/new').map(({ op, what }) => `${op} ${what}`)).toEqual(['add default/new'])
    expect(stateChanges(fresh, was, 'default/new').map(({ op, what }) => `${op} ${what}`)).toEqual([
      'delete default/new',
    ])
  })
})
