/** What the bench calls in a peer's page. */
export type PeerPage = {
  /** Opens the queue; what it holds from before is not sent yet. */
  open(): Promise<void>
  /** Queues create calls while the server is out of reach; resolves once all are stored. */
  queue(bodies: string[]): Promise<void>
  /** Sends everything; resolves to how long it took until the last was off the queue, in ms. */
  drain(): Promise<number>
  /** How many are queued. */
  size(): Promise<number>
}
