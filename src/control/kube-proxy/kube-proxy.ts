import { once } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { ServiceResource } from '../kubernetes-kinds.ts'
import type { RulesetPart } from '../ruleset-part.ts'
import type { ProxyConfig } from './config.ts'
import type { Endpoints } from './endpoints.ts'
import { FamilyProxy, factsOf, type ProxyNode, type ServicesAfter } from './family-proxy.ts'
import { servicePorts } from './service-ports.ts'

/** What kube-proxy writes on the nodes of a cluster, in the mode iptables. Equal parts of nodes are one object. */
export class KubeProxy {
  private readonly families: Readonly<Record<Family, FamilyProxy>>

  constructor(families: KubeProxy['families']) {
    this.families = families
  }

  static of(services: readonly ServiceResource[], config: ProxyConfig, endpoints: Endpoints): KubeProxy {
    const make = (family: Family): FamilyProxy => {
      const ports = once(() => servicePorts(services, family))
      return new FamilyProxy(factsOf(config, family), ports, endpoints)
    }
    return new KubeProxy({ 4: make(4), 6: make(6) })
  }

  /** The same of edited Services: what is made of the others is shared. */
  edited(after: ServicesAfter): KubeProxy {
    return new KubeProxy({ 4: this.families[4].edited(after), 6: this.families[6].edited(after) })
  }

  /** The tables of a node. */
  tables(family: Family, node: ProxyNode): RulesetPart {
    return this.families[family].tables(node)
  }
}
