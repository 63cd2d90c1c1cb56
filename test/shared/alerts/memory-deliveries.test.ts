import { testDeliveryStore } from './delivery-contract.ts';
import { memoryDeliveries } from './memory-deliveries.ts';

testDeliveryStore(memoryDeliveries);
