import { holdsInjections } from './injected.ts'

holdsInjections('addressing', 'bgp')
