/** The messages of the golden files: one of every meaning, of every reason, and digests. */

import type { Notice } from '../../../../shared/alerts/alert-message.ts';
import type { MessageContext } from '../../../../shared/alerts/message/message.ts';
import type { AlertMeaning, Situation } from '../../../../shared/alerts/situation.ts';
import { MEANINGS } from '../../../../shared/findings/finding.ts';
import {
  CRITICAL,
  generatedSituations,
  noticeOfEachMeaning,
  SILENCE,
  SIX_O_CLOCK,
  situationOf,
  toldAnd,
} from './notices.ts';

/** A stack that was deployed as the stage "prod". */
export const CONTEXT: MessageContext = { now: SIX_O_CLOCK, stage: 'prod', database: 'flowlogs_prod' };

export const ALERT_MEANINGS: readonly AlertMeaning[] = [...MEANINGS, 'no-delivery', 'old-data'];

const OTHERS = [
  'critical-port-scan',
  'first',
  'worsens',
  'grows',
  'still-open',
  'whole-vpc',
  'digest-of-account',
  'digest-of-overflow',
  'digest-of-silence',
] as const;

export const CASES: readonly string[] = [...ALERT_MEANINGS, ...OTHERS];

/** The notices of each case. */
export async function noticesOf(): Promise<ReadonlyMap<string, readonly Notice[]>> {
  const meanings = await noticeOfEachMeaning();
  const of = (meaning: AlertMeaning) => meanings.get(meaning)!.situation;
  const generated = await generatedSituations();
  const service = of('internal-service-rejected');
  const others: Record<(typeof OTHERS)[number], readonly Notice[]> = {
    'critical-port-scan': [CRITICAL],
    first: [{ situation: of('admin-port-probe'), reason: 'first' }],
    worsens: [{ situation: worsened(of('data-loss')), reason: 'worsens' }],
    grows: [{ situation: toldAnd(service, 10, 1200), reason: 'grows' }],
    'still-open': [{ situation: toldAnd(service, 40, 86_400), reason: 'still-open' }],
    'whole-vpc': [{ situation: wholeVpc(service), reason: 'opens' }],
    'digest-of-account': generated
      .filter(({ severity, subject }) => severity === 'info' && subject.accountId === '111122223333')
      .map((situation, index) => ({ situation, reason: index % 3 === 0 ? 'goes-on' : 'opens' })),
    'digest-of-overflow': generated
      .filter(({ severity }) => severity !== 'info')
      .map((situation): Notice => ({ situation, reason: 'opens' })),
    'digest-of-silence': ['444455556666', '777788889999', '121212121212'].map((accountId) => ({
      situation: situationOf({
        ...SILENCE,
        subject: { ...SILENCE.subject, accountId, scope: { level: 'account', id: accountId } },
      }),
      reason: 'opens',
    })),
  };
  return new Map<string, readonly Notice[]>([
    ...[...meanings].map(([meaning, notice]) => [meaning, [notice]] as const),
    ...Object.entries(others),
  ]);
}

function worsened(situation: Situation): Situation {
  const before = toldAnd(situation, 20, 3000);
  return {
    ...before,
    severity: 'warning',
    lossOfDay: { day: Date.UTC(2026, 10, 20) / 86_400_000, seconds: 4956 },
  };
}

function wholeVpc({ subject: { service: _, ...subject }, ...situation }: Situation): Situation {
  return { ...situation, subject: { ...subject, scope: { level: 'vpc', id: subject.vpcId! } } };
}
