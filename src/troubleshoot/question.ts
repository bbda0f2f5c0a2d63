import type { InputText } from '../input/index.ts'

/** What people see of a failure. */
export const SYMPTOMS = [
  'timeout',
  'refused',
  'no-route',
  'small-ok-large-hang',
  'intermittent',
  'wrong-source',
  'pending',
] as const

/** What people see of a failure. */
export type Symptom = (typeof SYMPTOMS)[number]

/** What is asked: something fails, and what could make it so. */
export interface Question {
  /** Who asks, as `lab.ping` takes it; absent = flows of all sorts are tried. */
  readonly from?: string
  /** Who is asked. */
  readonly to?: string
  /** Port; absent = a ping. */
  readonly port?: number | string
  /** Protocol of the port; absent = TCP. */
  readonly protocol?: 'tcp' | 'udp'
  /** What is seen. */
  readonly symptom?: Symptom
  /** What tools printed on the real cluster, as it was pasted. */
  readonly evidence?: readonly InputText[]
}
