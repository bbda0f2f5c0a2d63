import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { collectResources, type KnownResource, type Resources } from '../../src/control/index.ts'

/** Objects of a YAML text, `List`s opened. No validation: what tests write is right. */
function resourcesFromYaml(text: string): Resources {
  const items: KnownResource[] = []
  for (const document of parseAllDocuments(text)) {
    const value = document.toJS() as { kind?: string; items?: KnownResource[] } | null
    if (value?.kind === 'List') items.push(...(value.items ?? []))
    else if (value) items.push(value as KnownResource)
  }
  return collectResources(items)
}

/** One of the published demo's clusters. */
export function demoResources(name: 'ipip' | 'noencap' | 'vxlan'): Resources {
  return resourcesFromYaml(readFileSync(new URL(`../../examples/demo/${name}.yaml`, import.meta.url), 'utf8'))
}
