import { COMPLETED, type Condition, NONE, PASSED, type Rule, TRANSIT, UNCLEAR } from './rule.ts';
import { TRANSIT_LOSSES, type TransitLoss } from './transit-loss.ts';

/** The counters of a transit gateway, in words. */
const LOSSES: Readonly<Record<TransitLoss, { readonly text: string; readonly next: string }>> = {
  'no-route': {
    text: 'its route table has no route to the destination',
    next: "The route table that is associated with the sender's attachment: a route or a propagation to the other VPC.",
  },
  blackhole: {
    text: 'the matching route is a blackhole',
    next: 'The blackhole route: its attachment was deleted, or the route was made to drop.',
  },
  'mtu-exceeded': {
    text: 'they are larger than its MTU',
    next: 'The MTU of the sender: a transit gateway takes up to 8500 bytes, through a VPN up to 1500.',
  },
  'ttl-expired': {
    text: 'their TTL ran out',
    next: 'A routing loop between attachments and appliances.',
  },
};

function transitRules(loss: TransitLoss): readonly Rule[] {
  const { text, next } = LOSSES[loss];
  const common = {
    confidence: 'high',
    asserts: [],
    hidden: ['Which connections the dropped packets belong to: the counters hold packets only.'],
    reason: 'The counters of the transit gateway name the cause of each lost packet.',
    source: TRANSIT,
  } as const;
  const lossy: readonly Condition[] = [{ requestLoss: [loss] }, { replyLoss: [loss] }];
  return [
    {
      ...common,
      id: `transit-gateway-some-${loss}`,
      outcome: 'intermittent',
      when: lossy.flatMap((condition) => [
        { ...condition, traffic: [...COMPLETED, 'mixed', 'unclear'] },
        { ...condition, traffic: UNCLEAR, P4: PASSED },
      ]),
      verdict: `Packets get through, but the transit gateway drops some of them: ${text}.`,
      next: [next, 'Their times: a change of routes shows as one after the other.'],
    },
    {
      ...common,
      id: `transit-gateway-${loss}`,
      outcome: 'fails',
      // Requests that arrive, or replies that come back, were not stopped there.
      when: [
        { requestLoss: [loss], isRequestLossTotal: [true], P2: NONE, P3: NONE, P4: NONE },
        { replyLoss: [loss], isReplyLossTotal: [true], P4: NONE },
      ],
      verdict: `The transit gateway drops the packets between the two: ${text}.`,
      next: [next],
    },
    {
      ...common,
      id: `transit-gateway-may-${loss}`,
      outcome: 'cannot-tell',
      confidence: 'medium',
      when: [
        { requestLoss: [loss], P2: NONE, P3: NONE, P4: NONE },
        { replyLoss: [loss], P4: NONE },
      ],
      verdict:
        `Cannot tell whether it is at fault: the transit gateway drops packets between the two (${text}), ` +
        'but it lets others pass, or its records do not have their number.',
      next: [
        next,
        'How many packets it lost and how many passed: `flowlogs query transit-gateway-loss`.',
        'The logs of both ends, which show whether connections are answered.',
      ],
    },
  ];
}

/** A transit gateway counts what it drops. */
export const TRANSIT_GATEWAY_RULES: readonly Rule[] = TRANSIT_LOSSES.flatMap(transitRules);
