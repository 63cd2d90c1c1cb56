import { memorySituations } from './memory-situations.ts';
import { testSituationStore } from './store-contract.ts';

testSituationStore(() => memorySituations().store);
