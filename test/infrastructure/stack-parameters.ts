import { parseStageParameters, type StackParameters } from '../../infrastructure/parameters.ts';

/** What a stack of the stage `test` is made from, with this in its stage file. */
export function stackParameters(stageFile: object = {}): StackParameters {
  return { ...parseStageParameters({ region: 'eu-west-1', ...stageFile }, 'stages/test.yml'), stage: 'test' };
}
