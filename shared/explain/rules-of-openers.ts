import { PASSED, RECORDS, type Rule } from './rule.ts';

const WHO_ASKS = 'Which of the two opens the connections: their ports look alike, and no record has a SYN.';

/** Nothing tells which of the two asks and which one answers. */
export const OPENER_RULES: readonly Rule[] = [
  {
    id: 'packets-both-ways',
    outcome: 'works',
    when: [
      {
        isOpenerKnown: [false],
        traffic: ['udp', 'other'],
        rejects: [false],
        P2: PASSED,
        P4: PASSED,
      },
    ],
    verdict:
      'Packets of the source reach the target, packets of the target reach the source, and all are accepted.',
    confidence: 'medium',
    asserts: ['P2', 'P4'],
    next: ['The applications: whether the packets are answers, and what they say, is not in flow logs.'],
    hidden: [WHO_ASKS],
    reason: 'Both ends have accepted records of packets that arrive.',
    source: RECORDS,
  },
  {
    id: 'opener-unknown',
    outcome: 'cannot-tell',
    when: [{ isOpenerKnown: [false], rejectReason: ['none'] }],
    verdict:
      'Cannot tell: packets go both ways between these ports, and nothing shows which of the two asks and which one answers.',
    confidence: 'low',
    asserts: [],
    next: [
      'For TCP a flow log with the field tcp-flags, and an earlier --since: the SYN tells who connects.',
      'For other protocols the logs of both ends: they show whether what the source sends arrives.',
      'The same question the other way round.',
    ],
    hidden: [WHO_ASKS],
    reason: 'What one end rejects or leaves unanswered may be a request or an answer of the other.',
    source: RECORDS,
  },
];
