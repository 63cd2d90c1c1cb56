import { describe, expect, test } from 'vitest';
import {
  combinedTcpState,
  FIN,
  RST,
  SYN,
  type TcpConnection,
  type TcpSighting,
  tcpStateOf,
} from '../../../shared/explain/tcp.ts';

const SYN_ACK = 18;
const NOTHING: TcpSighting = {
  ...{ records: 0, isAccepted: false, flags: 0 },
  ...{ flagsKnown: true, isSeveral: false, hasPayload: false, isBare: true },
};
const seen = (flags: number, changes: Partial<TcpSighting> = {}): TcpSighting => {
  return { ...NOTHING, records: 1, isAccepted: true, flags, ...changes };
};
const noFlags = (changes: Partial<TcpSighting> = {}): TcpSighting =>
  seen(0, { flagsKnown: false, ...changes });
/** Both ends are logged, unless told otherwise. */
const connection = (changes: Partial<TcpConnection>): TcpConnection => ({
  ...{ requestSent: NOTHING, requestReceived: NOTHING, replySent: NOTHING, replyReceived: NOTHING },
  ...{ observesReplySent: true, observesReplyReceived: true, observesReset: true },
  ...changes,
});
const ONLY_SOURCE = { observesReplySent: false, observesReset: false } as const;
const ONLY_TARGET = { observesReplyReceived: false } as const;
const both = (name: 'request' | 'reply', sighting: TcpSighting): Partial<TcpConnection> =>
  name === 'request'
    ? { requestSent: sighting, requestReceived: sighting }
    : { replySent: sighting, replyReceived: sighting };

const COMPLETED = connection({ ...both('request', seen(SYN | FIN)), ...both('reply', seen(SYN_ACK | FIN)) });
const UNANSWERED = connection(both('request', seen(SYN)));
const REFUSED = connection({ ...both('request', seen(SYN)), ...both('reply', seen(RST)) });
const REPLY_LOST = connection({ ...both('request', seen(SYN)), replySent: seen(SYN_ACK) });
const EXISTING = connection({ ...both('request', seen(0)), ...both('reply', seen(0)) });
const UNKNOWN = connection(both('request', noFlags()));

test.each([
  ['completed', 'SYN-ACK is accepted at the source', COMPLETED],
  [
    'completed',
    'SYN-ACK leaves the target, and the source, which has no log, goes on to FIN',
    connection({ ...ONLY_TARGET, requestReceived: seen(SYN | FIN), replySent: seen(SYN_ACK) }),
  ],
  [
    'answered',
    'SYN-ACK leaves the target, and the source repeats its SYN',
    connection({ ...ONLY_TARGET, requestReceived: seen(SYN, { isSeveral: true }), replySent: seen(SYN_ACK) }),
  ],
  [
    'answered',
    'SYN-ACK is rejected at the source',
    connection({
      ...both('request', seen(SYN)),
      replySent: seen(SYN_ACK),
      replyReceived: seen(SYN_ACK, { isAccepted: false }),
    }),
  ],
  [
    'aborted',
    'the source sends RST after SYN-ACK',
    connection({ ...both('request', seen(SYN | RST)), ...both('reply', seen(SYN_ACK)) }),
  ],
  [
    'aborted',
    'the target sends RST after SYN-ACK',
    connection({ ...both('request', seen(SYN)), ...both('reply', seen(SYN_ACK | RST)) }),
  ],
  ['refused', 'the target sends RST', REFUSED],
  [
    'refused',
    'RST comes back, the target has no log',
    connection({ ...ONLY_SOURCE, requestSent: seen(SYN), replyReceived: seen(RST) }),
  ],
  [
    'middlebox-reset',
    'RST comes back, the target sent nothing',
    connection({ ...both('request', seen(SYN)), replyReceived: seen(RST) }),
  ],
  [
    'middlebox-reset',
    'RST comes back, the target sent none',
    connection({
      ...both('request', seen(SYN | FIN)),
      replySent: seen(SYN_ACK),
      replyReceived: seen(SYN_ACK | RST),
    }),
  ],
  ['unanswered', 'SYN, and nothing back', UNANSWERED],
  [
    'unanswered',
    'SYN, and nothing back where only the source has a log',
    connection({ ...ONLY_SOURCE, requestSent: seen(SYN) }),
  ],
  ['one-sided', 'SYN and FIN, and nothing back', connection(both('request', seen(SYN | FIN)))],
  [
    'one-sided',
    'no flags, data, and nothing back',
    connection(both('request', noFlags({ isSeveral: true, hasPayload: true }))),
  ],
  [
    'cannot-tell',
    'SYN, and nobody could have seen an answer',
    connection({ ...ONLY_SOURCE, ...ONLY_TARGET, requestSent: seen(SYN) }),
  ],
  [
    'cannot-tell',
    'RST comes back beside a record without flags, which may be SYN-ACK',
    connection({ ...both('request', seen(SYN)), ...both('reply', seen(RST, { flagsKnown: false })) }),
  ],
  ['existing', 'no SYN anywhere', EXISTING],
  ['cannot-tell', 'no flags, nothing back', UNKNOWN],
  [
    'cannot-tell',
    'no flags, a lone packet back',
    connection({ ...both('request', noFlags()), ...both('reply', noFlags()) }),
  ],
  [
    'cannot-tell',
    'no flags, SYNs and RSTs again and again',
    connection({
      ...both('request', noFlags({ isSeveral: true })),
      ...both('reply', noFlags({ isSeveral: true })),
    }),
  ],
  [
    'cannot-tell',
    'no flags, data one way and a lone packet back',
    connection({
      ...both('request', noFlags({ isSeveral: true, hasPayload: true })),
      ...both('reply', noFlags()),
    }),
  ],
  [
    'completed',
    'no flags, several packets both ways and data in them',
    connection({
      ...both('request', noFlags({ isSeveral: true })),
      ...both('reply', noFlags({ isSeveral: true, hasPayload: true })),
    }),
  ],
  [
    'completed',
    'flags in some records only, SYN-ACK among them',
    connection({ ...both('request', noFlags()), ...both('reply', seen(SYN_ACK, { flagsKnown: false })) }),
  ],
] as const)('%s: %s', (state, _, given) => {
  expect(tcpStateOf(given)).toBe(state);
});

describe('several connections', () => {
  test.each([
    ['nothing is known of none', 'cannot-tell', []],
    ['all are like one', 'refused', [REFUSED, REFUSED]],
    ['some are answered, others not', 'mixed', [COMPLETED, UNANSWERED]],
    ['some are answered, others refused', 'mixed', [REFUSED, COMPLETED]],
    ['some answers arrive, others get lost', 'mixed', [COMPLETED, REPLY_LOST]],
    ['an older one says nothing about new ones', 'unanswered', [EXISTING, UNANSWERED]],
    ['an older one alone', 'existing', [EXISTING]],
    ['one that cannot be told does not spoil an answer', 'completed', [COMPLETED, UNKNOWN]],
    ['one that cannot be told may be an answer', 'cannot-tell', [UNANSWERED, UNKNOWN]],
    ['RST tells more than silence', 'refused', [UNANSWERED, REFUSED]],
  ] as const)('%s', (_, state, connections) => {
    const judged = connections.map((each) => ({
      connection: each,
      state: tcpStateOf(each),
      isDoubtful: false,
    }));
    expect(combinedTcpState(judged)).toBe(state);
  });
});
