import type { Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { type ApiType, apiTypeOf } from './api.ts'
import type { OpenKube } from './kube.ts'
import type { PlainMap } from './object.ts'
import { type Asked, named, type VerbOptions } from './options.ts'
import { anyWord } from './output.ts'
import { type Given, identityOf } from './store.ts'

/** Makes an object of `kubectl create TYPE NAME …`. */
export interface Creator {
  readonly options: VerbOptions
  readonly make: (asked: Asked, kube: OpenKube) => Given | Run
}

/** An object of a type that nobody has stored yet. */
export function newObject(word: string, name: string, asked: Asked, fields: PlainMap, labels: PlainMap = {}): Given {
  const type = apiTypeOf(word) as ApiType
  const metadata = {
    name,
    ...(type.namespaced ? { namespace: asked.namespace } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  }
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`
  const value: PlainMap = { apiVersion, kind: type.kind, metadata, ...fields }
  return { value, type, word: anyWord(identityOf(value)) }
}

/** The name behind a type. */
function nameIn(asked: Asked, at = 1): string | Run {
  const [name, more] = asked.words.slice(at)
  if (name === undefined || more !== undefined)
    return failed(
      `error: exactly one NAME is required, got ${Math.max(asked.words.length - at, 0)}\nSee 'kubectl create -h' for help and examples`,
    )
  return name
}

function creator(
  make: (name: string, asked: Asked, kube: OpenKube) => Given | Run,
  options: VerbOptions = {},
): Creator {
  return {
    options,
    make: (asked, kube) => {
      const name = nameIn(asked)
      return typeof name === 'string' ? make(name, asked, kube) : name
    },
  }
}

/** A port as text: 1 to 65535. */
export function portOf(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined
}

/** `--tcp=80:8080`: a port, and that of the pods. */
function servicePort(text: string): Plain | undefined {
  const [first = '', second = first, ...more] = text.split(':')
  const [port, target] = [portOf(first), portOf(second)]
  if (port === undefined || more.length > 0 || (target === undefined && !/^[a-z][a-z0-9-]*$/.test(second)))
    return undefined
  return { name: `${first}-${second}`, port, protocol: 'TCP', targetPort: target ?? second }
}

function service(type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'): (asked: Asked) => Given | Run {
  return (asked) => {
    const name = nameIn(asked, 2)
    if (typeof name !== 'string') return name
    const texts = asked.all('tcp').flatMap((one) => one.split(','))
    const ports = texts.map(servicePort)
    const odd = texts.find((_, i) => ports[i] === undefined)
    if (odd !== undefined) return failed(`error: invalid port format: ${odd}`)
    const clusterIP = asked.text('clusterip')
    const outside = asked.text('external-name')
    if (type === 'ExternalName' && outside === undefined)
      return failed('error: required flag(s) "external-name" not set')
    if (ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName')
      return failed('error: at least one tcp port specifier must be provided')
    const spec: PlainMap = {
      ...(ports.length === 0 ? {} : { ports: ports as Plain[] }),
      selector: { app: name },
      type,
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(outside === undefined ? {} : { externalName: outside }),
    }
    return newObject('service', name, asked, { spec }, { app: name })
  }
}

const SERVICES: Readonly<Record<string, ReturnType<typeof service>>> = {
  clusterip: service('ClusterIP'),
  nodeport: service('NodePort'),
  loadbalancer: service('LoadBalancer'),
  externalname: service('ExternalName'),
}

/** Types with a verb of their own to make them. */
export const CREATORS: Readonly<Record<string, Creator>> = Object.fromEntries(
  (
    [
      ['deployment', deployment()],
      ['deploy', deployment()],
      ['namespace', creator((name, asked) => newObject('namespace', name, asked, {}))],
      ['ns', creator((name, asked) => newObject('namespace', name, asked, {}))],
      ['serviceaccount', creator((name, asked) => newObject('serviceaccount', name, asked, {}))],
      ['sa', creator((name, asked) => newObject('serviceaccount', name, asked, {}))],
      ['configmap', configMap()],
      ['cm', configMap()],
      ['service', ofService()],
      ['svc', ofService()],
    ] as const
  ).map(([word, one]) => [word, one]),
)

function ofService(): Creator {
  return {
    options: {
      valued: named('--tcp', '--clusterip', '--external-name'),
      refused: { '--node-port': 'it follows from the name; patch the Service to have another' },
    },
    make: (asked) => {
      const kind = asked.words[1] ?? ''
      const make = Object.hasOwn(SERVICES, kind) ? SERVICES[kind] : undefined
      return (
        make?.(asked) ??
        failed(`error: kubectl create service ${kind} is not known; there are ${Object.keys(SERVICES).join(', ')}`)
      )
    },
  }
}

function configMap(): Creator {
  return creator(
    (name, asked, kube) => {
      const data: [string, string][] = []
      for (const one of asked.all('from-literal')) {
        const equals = one.indexOf('=')
        if (equals < 1) return failed(`error: invalid literal source ${one}, expected key=value`)
        data.push([one.slice(0, equals), one.slice(equals + 1)])
      }
      for (const one of asked.all('from-file')) {
        const equals = one.indexOf('=')
        const path = one.slice(equals + 1)
        const text = kube.files.read(path)
        if (typeof text !== 'string') return failed(`error: error reading ${path}: ${text.fault.toLowerCase()}`)
        data.push([equals === -1 ? path.slice(path.lastIndexOf('/') + 1) : one.slice(0, equals), text])
      }
      return newObject('configmap', name, asked, data.length === 0 ? {} : { data: Object.fromEntries(data) })
    },
    {
      valued: named('--from-literal', '--from-file'),
      refused: {
        '--from-env-file': 'give the keys with --from-literal',
        '--append-hash': 'the name is as it is given',
      },
    },
  )
}

function deployment(): Creator {
  return creator(
    (name, asked) => {
      const images = asked.all('image').flatMap((one) => one.split(','))
      if (images.length === 0) return failed('error: required flag(s) "image" not set')
      const replicas = asked.text('replicas') ?? '1'
      if (!/^\d+$/.test(replicas))
        return failed(`error: invalid argument "${replicas}" for "-r, --replicas" flag: it is no number`)
      const port = asked.text('port') === undefined ? undefined : portOf(asked.text('port') as string)
      if (asked.text('port') !== undefined && port === undefined)
        return failed(`error: invalid argument "${asked.text('port')}" for "--port" flag: it is no port`)
      const containers = images.map((image, i) => ({
        image,
        name: containerName(image),
        ...(port === undefined || i > 0 ? {} : { ports: [{ containerPort: port }] }),
      }))
      const labels = { app: name }
      const spec = {
        replicas: Number(replicas),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      }
      return newObject('deployment', name, asked, { spec }, labels)
    },
    {
      valued: named('--image', '-r --replicas', '--port'),
      refused: { '--command': 'what runs in containers is not modelled' },
    },
  )
}

/** A container is called as its image: `registry.io/team/web:1.2` is `web`. */
function containerName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return last
    .replace(/[:@].*$/, '')
    .replace(/[^a-z0-9-]/gi, '-')
    .toLowerCase()
}
