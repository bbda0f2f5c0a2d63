// A cluster whose controllers act, and whose time passes only when a test lets it.
import {
  collectResources,
  type DaemonSetResource,
  type DeploymentResource,
  type KnownResource,
  type NodeResource,
  type OtherResource,
  objectKey,
  type PodResource,
  type PodSetResource,
  type PodTemplate,
  type Resources,
} from '../../src/control/index.ts'
import {
  type ControllersContext,
  type ControllersMemory,
  type ControllersTiming,
  type KubernetesEvent,
  type ObjectsEdit,
  reconciled,
  startMemory,
  USUAL_TIMING,
} from '../../src/controllers/index.ts'

export type AnyObject = KnownResource | OtherResource

export const EPOCH: number = Date.parse('2024-05-01T00:00:00Z')
export const SECOND = 1e9

/** All objects of a cluster, in one list. */
function objectsOf(resources: Resources): AnyObject[] {
  return (Object.values(resources) as AnyObject[][]).flat()
}

function edited(resources: Resources, { apply, delete: gone }: ObjectsEdit): Resources {
  const keys = new Set(
    gone.map(({ kind, name, namespace, apiVersion = 'v1' }) =>
      objectKey({ kind, apiVersion, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }),
    ),
  )
  const kept = objectsOf(resources).filter((one) => !keys.has(objectKey(one)))
  return collectResources([...kept, ...(Object.values(apply) as AnyObject[][]).flat()])
}

export class World {
  resources: Resources
  memory: ControllersMemory
  now = 0
  next: number | undefined
  events: KubernetesEvent[] = []
  more: Partial<ControllersContext>
  private readonly timing: ControllersTiming

  constructor(
    objects: readonly AnyObject[],
    timing: ControllersTiming = USUAL_TIMING,
    more: Partial<ControllersContext> = {},
  ) {
    this.resources = collectResources(objects)
    this.memory = startMemory(this.resources)
    this.timing = timing
    this.more = more
  }

  context(): ControllersContext {
    return { now: this.now, epoch: EPOCH, seed: 1, memory: this.memory, timing: this.timing, ...this.more }
  }

  /** Controllers act until nothing is left to do at this moment. */
  settle(): this {
    for (let i = 0; i < 50; i++) {
      const done = reconciled(this.resources, this.context())
      this.memory = done.memory
      this.next = done.next
      this.events.push(...done.events)
      this.resources = edited(this.resources, done.edit)
      if (!done.isChange) return this
    }
    throw new Error('it does not come to rest')
  }

  /** Time passes, and whatever is due is done when it is due. */
  pass(seconds: number): this {
    const until = this.now + seconds * SECOND
    this.settle()
    while (this.next !== undefined && this.next <= until) {
      this.now = this.next
      this.settle()
    }
    this.now = until
    return this.settle()
  }

  put(...objects: readonly AnyObject[]): this {
    this.resources = collectResources([...objectsOf(this.resources), ...objects])
    return this
  }

  /** Takes an object away as it is, without asking it to end. */
  remove(kind: string, name: string): this {
    this.resources = collectResources(
      objectsOf(this.resources).filter((one) => one.kind !== kind || one.metadata.name !== name),
    )
    return this
  }

  pod(name: string): PodResource {
    return this.resources.pods.find(({ metadata }) => metadata.name === name)!
  }

  podNames(): string[] {
    return this.resources.pods.map(({ metadata }) => metadata.name).sort()
  }
}

/** A node where Calico has been. */
export function node(name: string, more: Partial<NodeResource> = {}): NodeResource {
  const address = `172.16.0.${name.replace(/\D/g, '')}`
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `${address}/24` } },
    status: { addresses: [{ type: 'InternalIP', address }] },
    ...more,
  }
}

export function nodes(count: number): NodeResource[] {
  return Array.from({ length: count }, (_, i) => node(`n${i + 1}`))
}

/** A node that waits for a CNI plugin. */
export function bareNode(name: string): NodeResource {
  const ready = { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'cni config uninitialized' }
  const { status, ...rest } = node(name, { metadata: { name } })
  return { ...rest, status: { ...status, conditions: [ready] } }
}

export function template(app: string, image = 'nginx:1', more: PodTemplate['spec'] = {}): PodTemplate {
  return { metadata: { labels: { app } }, spec: { ...more, containers: [{ name: app, image }] } }
}

export function deployment(
  name: string,
  replicas: number,
  more: Partial<DeploymentResource['spec']> = {},
): DeploymentResource {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name), ...more },
  }
}

export function daemonSet(name: string, more: Partial<DaemonSetResource['spec']> = {}): DaemonSetResource {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app: name } }, template: template(name), ...more },
  }
}

export function statefulSet(
  name: string,
  replicas: number,
  more: Partial<PodSetResource['spec']> = {},
): PodSetResource {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name), ...more },
  }
}
