/** A name in the form that logical ids have: `TgwAttach0a1b2c3d` for `tgw-attach-0a1b2c3d`, `FlowLogs` for `flow_logs`. */
export function logicalId(name: string): string {
  return name.replaceAll(/(?:^|[-_])(.)/g, (_, letter: string) => letter.toUpperCase());
}
