/** Which kind of traffic between two hosts: calls between processes, or packets in tunnels. */
export type Traffic = "calls" | "packets"

/** The network below the mesh: who reaches whom. */
export class Underlay {
  readonly #cuts = new Map<string, number>()
  readonly #hostsByIp = new Map<string, string>()

  /** Gives a host its address for tunnels. */
  join(host: string, ip: string): void {
    this.#hostsByIp.set(ip, host)
  }

  /** Cuts two hosts apart, until the cut is disposed. */
  cut(one: string, other: string, traffic: Traffic): Disposable {
    const key = keyOf(one, other, traffic)
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1)
    return { [Symbol.dispose]: () => this.#cuts.set(key, (this.#cuts.get(key) ?? 1) - 1) }
  }

  reaches(one: string, other: string, traffic: Traffic): boolean {
    return one === other || (this.#cuts.get(keyOf(one, other, traffic)) ?? 0) === 0
  }

  /** Whether packets go between two addresses. */
  carries(local: string, remote: string): boolean {
    const [one, other] = [this.#hostsByIp.get(local), this.#hostsByIp.get(remote)]
    return one !== undefined && other !== undefined && this.reaches(one, other, "packets")
  }
}

function keyOf(one: string, other: string, traffic: Traffic): string {
  return [traffic, ...[one, other].toSorted()].join(" ")
}
