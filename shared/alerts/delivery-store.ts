/** When the flow logs of an account and Region were delivered: what silence is told from. */
export interface Delivery {
  readonly accountId: string;
  readonly region: string;
  /** Unix seconds at which the last object was done. */
  readonly last: number;
  /** Hours (Unix seconds / 3600, rounded down) in which objects were done: those of the last seven days at least. */
  readonly hours: readonly number[];
}

/** Hours that are kept up to the last delivery, its own included: seven days. */
export const KEPT_HOURS = 7 * 24;

/** Where deliveries are remembered: DynamoDB, or memory on a laptop. Some days after the last one it is forgotten. */
export interface DeliveryStore {
  /** Notes that an object was done at a time. To note it again, or in another order, changes nothing. */
  note(accountId: string, region: string, at: number): Promise<void>;
  all(): AsyncIterable<Delivery>;
}
