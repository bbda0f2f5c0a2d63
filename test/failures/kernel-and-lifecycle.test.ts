import { holdsInjections } from './injected.ts'

holdsInjections('kernel', 'ipv6', 'lifecycle')
