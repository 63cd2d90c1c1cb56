export { keepLine, lines, noteLine } from './lines';
export { acceptedFlows, hashToken, ipv4Token, locate, resetTraffic, wasAccepted } from './traffic';
