import { holdsInjections } from './injected.ts'

holdsInjections('underlay')
