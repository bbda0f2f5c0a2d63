// A network by hand, without Kubernetes: two hosts, a router between them, and a path MTU that is too small.
import { Lab, renderText } from 'packetwalk'
import { cable, namespace, networkOf, route } from 'packetwalk/model'

const host = (name: string, address: string, gateway: string) =>
  namespace(name, {
    interfaces: [{ name: 'eth0', addresses: [address] }],
    routes: [route('default', { via: gateway, dev: 'eth0' })],
  })

const network = networkOf(
  [
    host('alice', '10.0.1.2/24', '10.0.1.1'),
    host('bob', '10.0.2.2/24', '10.0.2.1'),
    namespace('router', {
      forwarding: true,
      interfaces: [
        { name: 'east', addresses: ['10.0.1.1/24'] },
        { name: 'west', addresses: ['10.0.2.1/24'], mtu: 1400 },
      ],
    }),
  ],
  [cable(['alice', 'eth0'], ['router', 'east']), cable(['router', 'west'], ['bob', 'eth0'])],
)

const lab = Lab.fromNetwork(network)
console.log(lab.ping('alice', 'bob').stdout)
const large = lab.ping('alice', 'bob', { size: 1472, pmtudisc: 'do' })
console.log(large.stdout)
console.log(renderText(large.trace, { view: 'reasons' }))
