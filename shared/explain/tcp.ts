/**
 * How a TCP connection went, from the flags that its records hold. Flow logs combine the flags of an interval by OR and
 * report ACK only as a part of SYN-ACK: "Flow log records", TCP flag sequence (Amazon VPC User Guide).
 */

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
/** ACK is only ever reported as a part of SYN-ACK. */
export const ACK = 16;

export const TCP_STATES = {
  completed: 'the target answered with SYN-ACK and the source has got it (without flags: data was exchanged)',
  aborted: 'as before, and later one of the two, or a device in between, sent RST',
  answered: 'the target answered with SYN-ACK, and nothing shows that the source has got it',
  refused: 'RST came back instead of SYN-ACK',
  'middlebox-reset': 'a RST reached the source that never left the target',
  'one-sided': 'the source goes on as after an answer, but no packet of the target is in the records',
  unanswered: 'SYN, and nothing came back where it would have been seen',
  mixed: 'some connections were answered, others were not',
  unclear: 'some connections were answered; for others the answer may be missing, of a neighbour, or RST',
  existing: 'no SYN in the records: they do not show how the connection began',
  'cannot-tell': 'the records have no TCP flags, or the place of the answer is not observed',
} as const satisfies Readonly<Record<string, string>>;
export type TcpState = keyof typeof TCP_STATES;

/** The records of one connection at one point. */
export interface TcpSighting {
  readonly records: number;
  /** Some record has ACCEPT. */
  readonly isAccepted: boolean;
  /** All known flags, combined by OR. */
  readonly flags: number;
  /** Every record has flags: only then a missing flag means something. */
  readonly flagsKnown: boolean;
  /** More packets were accepted than a handshake or a refusal takes. */
  readonly isSeveral: boolean;
  /** The accepted packets are longer than their headers. */
  readonly hasPayload: boolean;
  /** They are as short as a RST: headers without any options. */
  readonly isBare: boolean;
}

/** What was seen of one connection, without packets that came after its close. */
export interface TcpConnection {
  readonly requestSent: TcpSighting;
  readonly requestReceived: TcpSighting;
  readonly replySent: TcpSighting;
  readonly replyReceived: TcpSighting;
  /** Records of replies would be there at the target's side (P3) at this time, and at the source's (P4). */
  readonly observesReplySent: boolean;
  readonly observesReplyReceived: boolean;
  /** The target's side would also show a RST at any time that its flags here are of, the window or not. */
  readonly observesReset: boolean;
}

/** The state of one connection. */
export function tcpStateOf(connection: TcpConnection): Exclude<TcpState, 'mixed' | 'unclear'> {
  const { requestSent, requestReceived, replySent, replyReceived } = connection;
  const requestFlags = requestSent.flags | requestReceived.flags;
  const replyFlags = replySent.flags | replyReceived.flags;
  const flagsKnown = [requestSent, requestReceived, replySent, replyReceived].every(
    (each) => each.flagsKnown,
  );

  if (isResetByMiddlebox(connection)) return 'middlebox-reset';
  if ((replyFlags & ACK) !== 0) {
    if (!hasReachedSource(connection)) return 'answered';
    return ((requestFlags | replyFlags) & RST) !== 0 ? 'aborted' : 'completed';
  }
  const hasReply = replySent.records + replyReceived.records > 0;
  const wouldSeeReply = connection.observesReplySent || connection.observesReplyReceived;
  if ((requestFlags & SYN) !== 0) {
    // A record without flags may be the SYN-ACK.
    const repliesKnown = replySent.flagsKnown && replyReceived.flagsKnown;
    if ((replyFlags & RST) !== 0 && repliesKnown) return 'refused';
    if (hasReply) return 'cannot-tell';
    if (goesOn(connection)) return 'one-sided';
    return wouldSeeReply ? 'unanswered' : 'cannot-tell';
  }
  if (flagsKnown) return 'existing';
  if (!hasReply && goesOn(connection)) return 'one-sided';
  if (!hasReply && isRepeated(connection) && wouldSeeReply) return 'unanswered';
  return hasExchangedData(connection) ? 'completed' : 'cannot-tell';
}

/** Whether the answer was accepted at the source, or the source went on as only an answer makes it. */
function hasReachedSource(connection: TcpConnection): boolean {
  return connection.replyReceived.isAccepted || goesOn(connection);
}

/** Whether the source sent what only follows an answer: data, FIN or RST. */
function goesOn({ requestSent, requestReceived }: TcpConnection): boolean {
  return [requestSent, requestReceived].some(
    ({ flags, isSeveral, hasPayload }) => (flags & (FIN | RST)) !== 0 || (isSeveral && hasPayload),
  );
}

/** Whether the source sent more than the one packet, perhaps a RST, that needs no answer. */
function isRepeated({ requestSent, requestReceived }: TcpConnection): boolean {
  return requestSent.isSeveral || requestReceived.isSeveral;
}

/**
 * Whether flags are not needed: a lone packet back may be a RST, but several packets both ways with payload among them
 * only follow a handshake. Which way the payload goes does not matter: a download is acknowledged without any.
 */
function hasExchangedData({
  requestSent,
  requestReceived,
  replySent,
  replyReceived,
}: TcpConnection): boolean {
  const isTwoWay =
    (requestSent.isSeveral || requestReceived.isSeveral) && (replySent.isSeveral || replyReceived.isSeveral);
  const all = [requestSent, requestReceived, replySent, replyReceived];
  return isTwoWay && all.some(({ hasPayload }) => hasPayload);
}

function isResetByMiddlebox({ replySent, replyReceived, observesReset }: TcpConnection): boolean {
  const reachedSource = (replyReceived.flags & RST) !== 0;
  return observesReset && replySent.flagsKnown && reachedSource && (replySent.flags & RST) === 0;
}

/** Whether the replies may all be RST: nothing tells, and none is longer than that. */
export function mayBeRefused({ replySent, replyReceived }: TcpConnection): boolean {
  const replies = [replySent, replyReceived].filter(({ records }) => records > 0);
  return replies.length > 0 && replies.every(({ flagsKnown, isBare }) => !flagsKnown && isBare);
}

/** A connection, and how it went. */
export interface JudgedConnection {
  readonly connection: TcpConnection;
  readonly state: ReturnType<typeof tcpStateOf>;
  /** It may have gone the other way: the answer was to a neighbour from the same port, or was RST. */
  readonly isDoubtful: boolean;
}

/** The state of all connections together. */
export function combinedTcpState(judged: readonly JudgedConnection[]): TcpState {
  const states = new Set<TcpState>(judged.map(({ state }) => state));
  const [only] = states;
  if (only === undefined) return 'cannot-tell';

  const works = judged.some((each) => isSuccess(each) && !each.isDoubtful);
  const fails = judged.some((each) => isFailure(each) && !each.isDoubtful);
  if (works && fails) return 'mixed';
  if (judged.some(isSuccess) && judged.some(({ isDoubtful }) => isDoubtful)) return 'unclear';
  // A connection from before tells nothing about the new ones, so it counts only where it is alone.
  const order: readonly TcpState[] = works
    ? ['completed', 'aborted']
    : ['cannot-tell', 'one-sided', 'middlebox-reset', 'refused', 'answered', 'unanswered'];
  return order.find((state) => states.has(state)) ?? only;
}

/** Whether it was answered, and the source has got the answer. */
export function isSuccess({ state }: JudgedConnection): boolean {
  return state === 'completed' || state === 'aborted';
}

/** Whether it certainly got no answer that was accepted at the source, or RST. */
export function isFailure({ connection, state }: JudgedConnection): boolean {
  // Without its request an answer may be to another address of the source.
  const { requestSent, requestReceived, observesReplyReceived } = connection;
  const hasRequest = requestSent.records + requestReceived.records > 0;
  if (state === 'answered') return hasRequest && observesReplyReceived;
  return state === 'refused' || state === 'unanswered' || state === 'middlebox-reset';
}
