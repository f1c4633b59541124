import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { ScalingCosts } from "../parts.ts";

type Answer = (costs: ScalingCosts) => number;

const ringSeconds = ({ bytes, ranks, bandwidth, latency }: ScalingCosts) =>
  2 * (ranks - 1) * (latency + bytes / ranks / bandwidth);

const reference: Answer = (costs) =>
  costs.seconds / (costs.seconds / costs.ranks + ringSeconds(costs));

/** The right share of the work with another time for the ring. */
const altered = (ring: (costs: ScalingCosts) => number): WrongAnswer<Answer> => (costs) =>
  costs.seconds / (costs.seconds / costs.ranks + ring(costs));

const LAN: ScalingCosts = {
  seconds: 0.8,
  bytes: 9.6e6,
  ranks: 8,
  bandwidth: 1.25e9,
  latency: 5e-5,
};

/** 6.3d: how much faster n ranks are. */
export default exercise<Answer>({
  name: "speedUp",
  reference,
  returns: "number",
  cases: {
    "8 ranks, 10 Gbit/s": () => [LAN],
    "2 ranks, 10 Gbit/s": () => [{ ...LAN, ranks: 2 }],
    "64 ranks and a slow network": () => [{ ...LAN, ranks: 64, bandwidth: 1.25e8, latency: 1e-3 }],
    "one rank": () => [{ ...LAN, ranks: 1 }],
    "a step so short that it does not pay": () => [{ ...LAN, seconds: 0.01, bandwidth: 1e8 }],
    "messages that take no time by themselves": () => [{ ...LAN, latency: 0 }],
  },
  drawn: (random) => [{
    seconds: 0.01 + random.uniform(),
    bytes: 1e5 + 1e7 * random.uniform(),
    ranks: 1 + random.integer(16),
    bandwidth: 1e8 * (1 + 9 * random.uniform()),
    latency: 1e-3 * random.uniform(),
  }],
  mistakes: {
    "there are two halves of ranks − 1 rounds each: 2 · (ranks − 1)": [
      altered((costs) => ringSeconds(costs) / 2),
      altered((costs) => costs.ranks * ringSeconds(costs) / Math.max(1, costs.ranks - 1)),
    ],
    "each message is one piece: bytes / ranks": altered(({ bytes, ranks, bandwidth, latency }) =>
      2 * (ranks - 1) * (latency + bytes / bandwidth)
    ),
    "every round has its latency": [
      altered(({ bytes, ranks, bandwidth, latency }) =>
        (ranks > 1 ? latency : 0) + 2 * (ranks - 1) * bytes / ranks / bandwidth
      ),
      altered(({ bytes, ranks, bandwidth, latency }) =>
        latency + 2 * (ranks - 1) * bytes / ranks / bandwidth
      ),
      altered(({ bytes, ranks, bandwidth }) => 2 * (ranks - 1) * bytes / ranks / bandwidth),
    ],
    "the work is shared: each rank computes for seconds / ranks": (costs) =>
      costs.seconds / (costs.seconds + ringSeconds(costs)),
    "the sum over the ranks takes time too: add that of the ring": ({ ranks }) => ranks,
    "that is the time of a step: asked for is how much faster it is": (costs) =>
      costs.seconds / costs.ranks + ringSeconds(costs),
    "that is the efficiency, the speed-up per rank: multiply by the ranks": (costs) =>
      reference(costs) / costs.ranks,
    "the fraction is turned around: time of one rank by time of all": (costs) =>
      1 / reference(costs),
    "bytes are divided by the bandwidth, not multiplied with it": altered((
      { bytes, ranks, bandwidth, latency },
    ) => 2 * (ranks - 1) * (latency + bytes / ranks * bandwidth)),
    "the time of the ring is taken off here: it comes on top": (costs) =>
      costs.seconds / (costs.seconds / costs.ranks - ringSeconds(costs)),
    "the ring is shared as the work is: its time comes on top of a rank's share": (costs) =>
      costs.ranks * costs.seconds / (costs.seconds + ringSeconds(costs)),
    "a byte has 8 bits, but both are given in bytes": altered((costs) =>
      ringSeconds({ ...costs, bytes: 8 * costs.bytes })
    ),
  },
  styles: {
    "both times first": ({ seconds, bytes, ranks: n, bandwidth, latency }) => {
      const compute = seconds / n, rounds = 2 * n - 2;
      const message = latency + bytes / (n * bandwidth);
      return seconds / (compute + rounds * message);
    },
    "a loop of rounds": (costs) => {
      let time = costs.seconds / costs.ranks;
      for (const half of ["collect", "spread"]) {
        for (let round = 1; half !== "" && round < costs.ranks; round++) {
          time += costs.latency + costs.bytes / costs.ranks / costs.bandwidth;
        }
      }
      return costs.seconds / time;
    },
  },
});
