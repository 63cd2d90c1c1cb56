/**
 * Settings of every SDK client. Node's default waits for ever for a connection that hangs; here the SDK tries again.
 * `socketTimeout` is the longest silence: a body that is read slowly because the processor is busy must stay below.
 */
export const CLIENT_SETTINGS = {
  maxAttempts: 4,
  requestHandler: {
    connectionTimeout: 3_000,
    socketTimeout: 60_000,
    // Each of a batch's 50 objects holds a connection while it is read, and needs one more to look for its receipt.
    httpsAgent: { maxSockets: 128 },
  },
} as const;
