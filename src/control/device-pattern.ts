/** Whether a name of interfaces, as `iptables -i` and `-o` take it, is one of this interface: a `+` stands for any end. */
export function matchesDevice(pattern: string, dev: string): boolean {
  return pattern.endsWith('+') ? dev.startsWith(pattern.slice(0, -1)) : dev === pattern
}
