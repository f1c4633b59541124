/**
 * The share of the peak learning rate that one update uses.
 *
 * `step` counts updates from 0, and the value is the one for that update: a run of 100 steps asks
 * for steps 0 to 99. PyTorch's schedulers count the same way when `scheduler.step()` follows
 * `optimizer.step()`. Every schedule here lies in 0..1 and needs no state, so a resumed run only
 * has to know its step.
 *
 * @param step The update, an integer from 0.
 * @returns What the peak rate is multiplied by, 0..1.
 */
export type Schedule = (step: number) => number;
