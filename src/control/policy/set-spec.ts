import { sha224 } from '@noble/hashes/sha2.js'
import { base64Url, encodeUtf8 } from '../../wire/index.ts'
import type { SetId } from './model.ts'
import type { EndpointSelector } from './selector-text.ts'

/** Protocol of a named port; `any`: the rule names none. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp' | 'any'

/** What is in a set of addresses. */
export type SetSpec =
  /** Addresses of endpoints. */
  | { readonly kind: 'selector'; readonly selector: EndpointSelector }
  /** Addresses of endpoints, each with the number it gives a port's name. */
  | {
      readonly kind: 'named-port'
      readonly selector: EndpointSelector
      readonly protocol: PortProtocol
      readonly port: string
    }
  /** Endpoints of a Service, `namespace/name`; with their ports, or every port of them. */
  | { readonly kind: 'service'; readonly service: string; readonly withPorts: boolean }

/** @calico libcalico-go/lib/hash/hash.go */
function uniqueId(prefix: string, content: string): SetId {
  return `${prefix}:${base64Url(sha224(encodeUtf8(`${prefix}:${content}`)))}`
}

/** The id of the set of endpoints that a selector selects, from its canonical text. */
export function selectorId(text: string): SetId {
  return uniqueId('s', text)
}

/** The id Felix gives a set. @calico felix/calc/rule_scanner.go */
export function setId(spec: SetSpec): SetId {
  switch (spec.kind) {
    case 'selector':
      return selectorId(spec.selector.text)
    case 'named-port':
      return uniqueId('n', `${selectorId(spec.selector.text)},${spec.protocol},${spec.port}`)
    case 'service':
      return uniqueId(spec.withPorts ? 'svc' : 'svcnoport', spec.service)
  }
}

/** Sets that the rules of an object ask, by id. */
export class SetSpecs {
  private readonly specs = new Map<SetId, SetSpec>()

  /** Takes note of a set and gives its id. */
  readonly idOf = (spec: SetSpec): SetId => {
    const id = setId(spec)
    if (!this.specs.has(id)) this.specs.set(id, spec)
    return id
  }

  /** What is in a set; undefined for one that no rule asked for. */
  get(id: SetId): SetSpec | undefined {
    return this.specs.get(id)
  }

  /** All of them. */
  all(): Iterable<readonly [SetId, SetSpec]> {
    return this.specs
  }
}
