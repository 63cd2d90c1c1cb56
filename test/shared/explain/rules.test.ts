import { describe, expect, test } from 'vitest';
import { POINT_STATES, POINTS, type PointState } from '../../../shared/explain/observation.ts';
import { RULES, type Rule, ruleFor } from '../../../shared/explain/rules.ts';
import { LATENESSES } from '../../../shared/explain/sighting.ts';
import { isRejecting, type Situation, type Traffic } from '../../../shared/explain/situation.ts';
import { TCP_STATES, type TcpState } from '../../../shared/explain/tcp.ts';
import { TRANSIT_LOSSES } from '../../../shared/explain/transit-loss.ts';

const TRAFFIC: readonly Traffic[] = [...(Object.keys(TCP_STATES) as TcpState[]), 'udp', 'icmp', 'other'];
const NO_LOSS = {
  requestLoss: 'none',
  replyLoss: 'none',
  isRequestLossTotal: false,
  isReplyLossTotal: false,
} as const;
const LOSSES: readonly Pick<Situation, keyof typeof NO_LOSS>[] = [
  NO_LOSS,
  ...TRANSIT_LOSSES.flatMap((loss) =>
    [true, false].flatMap((isTotal) => [
      { ...NO_LOSS, requestLoss: loss, isRequestLossTotal: isTotal },
      { ...NO_LOSS, replyLoss: loss, isReplyLossTotal: isTotal },
    ]),
  ),
];
/** What each rule's words claim, found once. */
const CLAIMS = new Map(
  RULES.map((rule) => {
    const text = [rule.verdict, rule.reason, ...rule.next, ...rule.hidden].join(' ');
    const claims = {
      namesAcl: /network ACL/.test(text),
      absence:
        /never reach|sends no request|does not answer|sends none|no reply comes|logs none|logs nothing|logs neither/.test(
          text,
        ),
      filter: /reject|drop/.test(rule.verdict),
      answers: /repl|answer/.test(rule.verdict),
      transitGatewayAlone: /^The transit gateway drops the packets/.test(rule.verdict),
    };
    return [rule, claims] as const;
  }),
);
const BOTH = [true, false] as const;

type Changing = { -readonly [Field in keyof Situation]: Situation[Field] };

/** Visits every situation there is, whether it can occur or not. One object is changed again and again: it is fast. */
function forEachSituation(visit: (situation: Situation) => void): void {
  const situation = {} as Changing;
  const vary = <Field extends keyof Situation>(
    field: Field,
    values: () => readonly Situation[Field][],
    inner: () => void,
  ): void => {
    for (const value of values()) {
      situation[field] = value;
      inner();
    }
  };
  const points = (inner: () => void): void =>
    vary(
      'P1',
      () => POINT_STATES,
      () =>
        vary(
          'P2',
          () => POINT_STATES,
          () =>
            vary(
              'P3',
              () => POINT_STATES,
              () => vary('P4', () => POINT_STATES, inner),
            ),
        ),
    );
  const connection = (inner: () => void): void =>
    vary(
      'traffic',
      () => TRAFFIC,
      () => vary('lateness', () => LATENESSES, inner),
    );
  // Fields that say something about REJECT have one value where there is none.
  const places = (inner: () => void): void =>
    vary(
      'sameSubnet',
      () => BOTH,
      () =>
        vary(
          'repliesWhereAsked',
          () => (isRejecting(situation.P3) ? BOTH : [true]),
          () => vary('answeredWhereSent', () => (isRejecting(situation.P4) ? BOTH : [true]), inner),
        ),
    );
  points(() => {
    situation.rejects = POINTS.some((point) => isRejecting(situation[point]));
    connection(() =>
      places(() =>
        vary(
          'rejectReason',
          () => (situation.rejects ? ['none', 'BPA', 'EC'] : ['none']),
          () => {
            for (const isOpenerKnown of BOTH) {
              situation.isOpenerKnown = isOpenerKnown;
              for (const loss of LOSSES) visit(Object.assign(situation, loss));
            }
          },
        ),
      ),
    );
  });
}

/** What the state of connections says was seen of replies: combinations that contradict it cannot occur. */
function canOccur({ traffic, P3, P4, isOpenerKnown }: Situation): boolean {
  const seen = (state: PointState): boolean => state !== 'absent' && state !== 'not-observed';
  const unseen = !seen(P3) && !seen(P4);
  // A SYN tells who opens, and ICMP is not asked.
  if (
    !isOpenerKnown &&
    !['udp', 'other', 'existing', 'one-sided', 'completed', 'cannot-tell'].includes(traffic)
  ) {
    return false;
  }
  switch (traffic) {
    case 'completed':
    case 'aborted':
    case 'refused':
    case 'mixed':
    case 'unclear':
      return !unseen;
    case 'answered':
      return seen(P3) && P4 !== 'accept' && P4 !== 'both';
    case 'middlebox-reset':
      return seen(P4) && P3 !== 'not-observed';
    default:
      return true;
  }
}

const used = new Set<string>();
const failures = {
  unobserved: new Set<string>(),
  aclInSubnet: new Set<string>(),
  claimedWorks: new Set<string>(),
  claimedAbsent: new Set<string>(),
  unexplainedReject: new Set<string>(),
  unasked: new Set<string>(),
  blamedTransitGateway: new Set<string>(),
  surePing: new Set<string>(),
  refusalThatIsLost: new Set<string>(),
  guessedOpener: new Set<string>(),
  blamedForSome: new Set<string>(),
};
let total = 0;
let answered = 0;
forEachSituation((situation) => {
  total++;
  const rule = ruleFor(situation);
  if (rule !== undefined) answered++;
  if (!canOccur(situation)) return;
  used.add(rule.id);
  judge(rule, situation);
});

function isPassing(state: PointState): boolean {
  return state === 'accept' || state === 'both';
}

function judge(rule: Rule, situation: Situation): void {
  const { namesAcl, absence, filter, answers, transitGatewayAlone } = CLAIMS.get(rule)!;
  const { P1, P2, P4, traffic } = situation;
  if (rule.asserts.some((point) => situation[point] === 'not-observed')) failures.unobserved.add(rule.id);
  if (situation.sameSubnet && namesAcl) failures.aclInSubnet.add(rule.id);
  if (rule.outcome === 'works' && situation.rejects) failures.claimedWorks.add(rule.id);
  if (absence && !POINTS.some((point) => situation[point] === 'absent')) failures.claimedAbsent.add(rule.id);
  if (situation.rejects && rule.outcome === 'fails' && !filter) failures.unexplainedReject.add(rule.id);
  const hasRequest = isPassing(P1) || isPassing(P2);
  const answersItself = traffic === 'completed' || traffic === 'aborted';
  if (rule.outcome === 'works' && !hasRequest && !answersItself) failures.unasked.add(rule.id);
  if (transitGatewayAlone && isPassing(P4)) failures.blamedTransitGateway.add(rule.id);
  if (traffic === 'icmp' && answers && rule.confidence === 'high') failures.surePing.add(rule.id);
  const needsOpener = rule.outcome === 'fails' || rule.outcome === 'intermittent';
  if (!situation.isOpenerKnown && needsOpener && situation.rejectReason === 'none')
    failures.guessedOpener.add(rule.id);
  const { isRequestLossTotal, isReplyLossTotal } = situation;
  if (transitGatewayAlone && !isRequestLossTotal && !isReplyLossTotal) failures.blamedForSome.add(rule.id);
  if (rule.id === 'refused' && P4 === 'absent') failures.refusalThatIsLost.add(rule.id);
}

describe('over all situations', () => {
  test('there are all of them', () => {
    expect(total).toBeGreaterThan(1_000_000);
  });
  test('every situation has its verdict', () => expect(answered).toBe(total));
  test('every rule answers some situation that can occur', () => {
    expect(RULES.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });
  test('nothing is claimed about a point that is not observed', () => {
    expect([...failures.unobserved]).toEqual([]);
  });
  test('inside of a subnet nobody speaks of the network ACL', () => {
    expect([...failures.aclInSubnet]).toEqual([]);
  });
  test('nothing works where packets are rejected', () => {
    expect([...failures.claimedWorks]).toEqual([]);
  });
  test('absence is claimed only where something is absent', () => {
    expect([...failures.claimedAbsent]).toEqual([]);
  });
  test('nothing works only because the target sends packets that nobody asked for', () => {
    expect([...failures.unasked]).toEqual([]);
  });
  test('a transit gateway is not blamed alone where packets come back', () => {
    expect([...failures.blamedTransitGateway]).toEqual([]);
  });
  test('a transit gateway that lets packets pass is not blamed for a failure', () => {
    expect([...failures.blamedForSome]).toEqual([]);
  });
  test('nothing fails where it is not known who asks', () => {
    expect([...failures.guessedOpener]).toEqual([]);
  });
  test('nobody is sure that ICMP is an answer', () => {
    expect([...failures.surePing]).toEqual([]);
  });
  test('a refusal that never comes back is no mere refusal', () => {
    expect([...failures.refusalThatIsLost]).toEqual([]);
  });
  test('a failure with rejected packets is explained by what rejects or drops', () => {
    expect([...failures.unexplainedReject]).toEqual([]);
  });
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test('says what it means, what to check next and where that is written', () => {
    for (const text of [rule.verdict, rule.reason, ...rule.next, ...rule.hidden])
      expect(text).toMatch(/^[A-Z].*[.?]$/);
    expect(rule.next.length).toBeGreaterThan(0);
    expect(rule.hidden.length).toBeGreaterThan(0);
    expect(rule.source).toMatch(/ \(.* [gG]uide\)$/);
  });
  test('is sure only if it tells the cause', () => {
    if (rule.outcome === 'cannot-tell') expect(rule.confidence).not.toBe('high');
    else expect(rule.confidence).not.toBe('low');
  });
});

test('ids are unique', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});
