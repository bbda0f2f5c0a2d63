import { derivedFrom, keptIn, type Namespace, type Namespaces } from '../../model/index.ts'
import type { NamespaceMaker } from '../namespaces.ts'
import type { Book } from '../policy/book.ts'
import type { Descent } from '../policy-edit.ts'
import type { MadeNode, PodBase, PodMaking } from './pod-making.ts'

/** What the namespaces of an edited cluster are made of. */
interface Edited {
  readonly maker: NamespaceMaker
  readonly policies: Book
  readonly made: PodMaking
}

/** The namespaces of an edited cluster: each is made when it is read, where it is not the very one of before. */
export function editedNamespaces(
  { ground, latest, policies: now, first, names }: Descent,
  before: PodMaking,
  { maker, policies, made: { base, editions, rules } }: Edited,
): Namespaces {
  const { others } = ground.maker.firewall
  if (now !== first) {
    for (const [name, made] of latest) base.made.set(name, { ...made, others, edition: before.editions.get(name) })
  }
  const isNode = (name: string): boolean => maker.node(name) !== undefined
  const make = (name: string): Namespace =>
    isNode(name) ? nodeNamespace(name, maker, policies, base, editions) : podNamespaceOf(name, maker, editions)
  return derivedFrom(base.namespaces, {
    names: rules === base.namespaces ? NOBODY : names(),
    rules,
    others: editions,
    count: maker.count,
    list: maker.names,
    has: maker.has,
    make,
  })
}

const NOBODY: ReadonlySet<string> = new Set()

/** The namespace of a node by its pods of now and the policies of now: the very one that was made last, where these say the same. */
function nodeNamespace(
  name: string,
  maker: NamespaceMaker,
  policies: Book,
  base: PodBase,
  editions: PodMaking['editions'],
): Namespace {
  const { others, felix } = maker.firewall
  const edition = editions.get(name)
  const known = base.made.get(name)
  const first = (): MadeNode =>
    edition === undefined
      ? { namespace: base.namespaces[name]!, policies: base.policies, others: base.others, edition }
      : { namespace: maker.make(name), policies, others, edition }
  const last = known !== undefined && known.edition === edition ? known : first()
  const differs = last.others !== others || policies.differs(last.policies, name)
  const namespace = differs ? maker.underPolicies(last.namespace, felix) : last.namespace
  base.made.set(name, { namespace, policies, others, edition })
  return namespace
}

const ofPods = new WeakMap<object, Namespace>()

function podNamespaceOf(name: string, maker: NamespaceMaker, editions: PodMaking['editions']): Namespace {
  return keptIn(ofPods, editions.get(name)!, () => maker.make(name))
}
