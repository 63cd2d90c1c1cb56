import { memorySituations } from '../../../shared/alerts/memory-situations.ts';
import { testSituationStore } from './store-contract.ts';

testSituationStore(() => memorySituations().store);
