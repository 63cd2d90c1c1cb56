import type { Scenario } from './scenario.ts';
import { blockedEgress } from './scenarios/blocked-egress.ts';
import { damagedLine } from './scenarios/damaged-line.ts';
import { dataExfiltration } from './scenarios/data-exfiltration.ts';
import { encryptionEnforced } from './scenarios/encryption-enforced.ts';
import { greTunnel } from './scenarios/gre-tunnel.ts';
import { internalServiceRejected } from './scenarios/internal-service-rejected.ts';
import { ipv6Egress } from './scenarios/ipv6-egress.ts';
import { latePackets } from './scenarios/late-packets.ts';
import { loggedTwice } from './scenarios/logged-twice.ts';
import { openResolver } from './scenarios/open-resolver.ts';
import { portScan } from './scenarios/port-scan.ts';
import { publicAccessBlocked } from './scenarios/public-access-blocked.ts';
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
  openResolver,
  greTunnel,
  ipv6Egress,
  publicAccessBlocked,
  encryptionEnforced,
  loggedTwice,
  damagedLine,
] as const;

export type ScenarioName = (typeof ALL)[number]['name'];

/** Every scenario that can be planted, with the ground truth of what its logs must show. */
export const SCENARIOS: readonly (Scenario & { readonly name: ScenarioName })[] = ALL;
