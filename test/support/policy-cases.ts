// The clusters of test/fixtures/policy; its README.md says what a case holds.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'

/** A flow, and whether Calico lets it pass. */
export interface Probe {
  readonly from: string
  readonly to: string
  readonly protocol: string | number
  readonly port: number
  readonly sourcePort?: number
  readonly via?: { readonly to: string; readonly port: number }
  readonly expect: 'allow' | 'deny'
}

/** An object of a case; only what is filled in here is named. */
interface CaseObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; annotations?: Record<string, string> }
  readonly spec?: { nodeName?: string; readonly hostNetwork?: boolean; readonly [field: string]: unknown }
  readonly status?: {
    readonly podIP?: string
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
}

/** A cluster and flows through it. */
export interface PolicyCase {
  readonly id: string
  readonly features: readonly string[]
  readonly objects: readonly CaseObject[]
  readonly probes: readonly Probe[]
}

/** All cases. */
export function policyCases(): PolicyCase[] {
  const file = fileURLToPath(new URL('../fixtures/policy/cases.jsonl.br', import.meta.url))
  const lines = brotliDecompressSync(readFileSync(file)).toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line) as PolicyCase)
}
