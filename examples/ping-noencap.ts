// The same ping without encapsulation: pod addresses are on the wire, BIRD's routes lead the way.
import { readFileSync } from 'node:fs'
import { Lab, renderText } from 'packetwalk'

const lab = Lab.load(readFileSync(new URL('./demo/noencap.yaml', import.meta.url), 'utf8'))
const [a, b] = (lab.cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
if (a === undefined || b === undefined) throw new Error('the demo has two pods in the namespace default')

const run = lab.ping(a.netns, b.netns)
console.log(run.stdout)
console.log(renderText(run.trace))
console.log(run.trace.summary)
