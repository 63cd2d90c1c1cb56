/** Admits work as long as what is admitted fits a budget, in the order in which it asked. */
export interface Budget {
  /** Runs `work` when `cost` fits. Work that costs more than the whole budget runs alone. */
  admit<T>(cost: number, work: () => Promise<T>): Promise<T>;
}

/** @param total in the unit of the costs. */
export function createBudget(total: number): Budget {
  const waiting: { cost: number; start: () => void }[] = [];
  let spent = 0;

  function startWhatFits(): void {
    while (waiting.length > 0 && (spent === 0 || spent + waiting[0]!.cost <= total)) {
      const { cost, start } = waiting.shift()!;
      spent += cost;
      start();
    }
  }

  return {
    async admit(cost, work) {
      await new Promise<void>((start) => {
        waiting.push({ cost, start });
        startWhatFits();
      });
      try {
        return await work();
      } finally {
        spent -= cost;
        startWhatFits();
      }
    },
  };
}
