/** What a device has counted: `ifconfig` and `ip -s` show it. */
export interface DeviceCounters {
  /** Packets received. */
  readonly rxPackets: number
  /** Bytes received. */
  readonly rxBytes: number
  /** Received packets that were dropped. */
  readonly rxDropped?: number
  /** Packets sent. */
  readonly txPackets: number
  /** Bytes sent. */
  readonly txBytes: number
  /** Packets to send that were dropped. */
  readonly txDropped?: number
}

/** Counters by interface name; a device that is not in it has counted nothing. */
export type CountersOf = Readonly<Record<string, DeviceCounters>>

/** A device that has seen no packet. */
export const NO_COUNTERS: DeviceCounters = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 }

/** Bytes as `ifconfig` rounds them: `(1.0 KiB)` in steps of 1024 (net-tools), `(1.0 KiB)` likewise in busybox. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `(${(Math.floor(value * 10) / 10).toFixed(1)} ${units[unit]})`
}
