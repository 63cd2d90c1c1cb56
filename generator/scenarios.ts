import type { Scenario } from './scenario.ts';
import { blockedEgress } from './scenarios/blocked-egress.ts';
import { dataExfiltration } from './scenarios/data-exfiltration.ts';
import { internalServiceRejected } from './scenarios/internal-service-rejected.ts';
import { latePackets } from './scenarios/late-packets.ts';
import { portScan } from './scenarios/port-scan.ts';
import { publicServiceRejected } from './scenarios/public-service-rejected.ts';
import { replyRejected } from './scenarios/reply-rejected.ts';
import { skipdata } from './scenarios/skipdata.ts';
import { sshBruteForce } from './scenarios/ssh-brute-force.ts';
import { tgwBlackhole } from './scenarios/tgw-blackhole.ts';

const ALL = [
  portScan,
  sshBruteForce,
  internalServiceRejected,
  replyRejected,
  publicServiceRejected,
  blockedEgress,
  latePackets,
  dataExfiltration,
  skipdata,
  tgwBlackhole,
] as const;

export type ScenarioName = (typeof ALL)[number]['name'];

/** Every scenario that can be planted, with the ground truth of what its logs must show. */
export const SCENARIOS: readonly (Scenario & { readonly name: ScenarioName })[] = ALL;
