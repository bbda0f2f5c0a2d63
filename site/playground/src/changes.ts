// What somebody who sees the page for the first time can change with one press, and then look at what becomes of it.
import type { Question, Session, SessionFile } from 'packetwalk/session'
import type { Played } from './engine/protocol.ts'

/** A change of one value. */
export interface Change {
  /** What it is afterwards, as the files say it, or in words. */
  readonly label: string
  /** The session with it. */
  readonly session: Session
}

/** Values, each with what it becomes; the first of them that a file has is offered. */
const VALUES: readonly (readonly [value: RegExp, by: string])[] = [
  [/ipipMode: (?:Always|CrossSubnet)/, 'ipipMode: Never'],
  [/vxlanMode: (?:Always|CrossSubnet)/, 'vxlanMode: Never'],
  [/wireguardEnabled: true/, 'wireguardEnabled: false'],
  [/ipipMode: Never/, 'ipipMode: Always'],
  [/vxlanMode: Never/, 'vxlanMode: Always'],
]
/** Matters to who asks something outside of the cluster. */
const OUTWARD: (typeof VALUES)[number] = [/natOutgoing: true/, 'natOutgoing: false']

const DENIES = 'deny.yaml'

/** Changes of the objects of a session, of which something is known when it was played. */
export function changesOf(session: Session, { question, run, ends: { pods } }: Played): readonly Change[] {
  const { files } = session
  if (files.length === 0 || question === null) return []
  const isOutward = !pods.includes(question.to) && !/^(?:node|svc)\//.test(question.to)
  const values = [...(isOutward ? [OUTWARD] : []), ...VALUES].flatMap(([value, by]) => {
    const at = files.findIndex(({ text }) => value.test(text))
    if (at < 0) return []
    const changed = files.map((file, i) => (i === at ? { ...file, text: file.text.replace(value, by) } : file))
    return [{ label: by, session: { ...session, files: changed } }]
  })
  // What is lost already cannot be denied.
  return [...values.slice(0, 1), ...(run?.ok === true ? denied(session, question, pods) : [])]
}

/** A policy that lets nothing in where the question goes. */
function denied(session: Session, { to }: Question, pods: readonly string[]): readonly Change[] {
  const { files } = session
  if (!pods.includes(to) || files.some(({ name }) => name === DENIES)) return []
  const [namespace = 'default'] = to.split('/')
  const policy: SessionFile = {
    name: DENIES,
    text: `# Pods of ${namespace} are asked by nobody: no rule lets anything in.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: ${namespace}}
spec: {podSelector: {}, policyTypes: [Ingress]}
`,
  }
  return [{ label: `a policy that denies all to ${namespace}`, session: { ...session, files: [...files, policy] } }]
}
