import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { configure, type ModelSettings } from "../parts.ts";

type Answer = typeof configure;
type Sizes = Partial<ModelSettings>;

const DEFAULTS = configure();

/** Completes settings and lets everything pass. */
const unchecked = (settings: Sizes = {}): ModelSettings => ({ ...DEFAULTS, ...settings });
const isSize = (value: unknown) => Number.isInteger(value) && Number(value) > 0;
const sizesOf = ({ tiedHead: _, ...sizes }: ModelSettings) => Object.values(sizes);

/** Completes settings, and refuses what a rule finds. */
const refusing = (
  isWrong: (config: ModelSettings) => boolean,
  makeError = (message: string): Error => new RangeError(message),
): WrongAnswer<Answer> =>
(settings) => {
  const config = unchecked(settings);
  if (isWrong(config)) throw makeError("Cannot configure");
  return config;
};

const isImpossible = (config: ModelSettings) =>
  !sizesOf(config).every(isSize) || config.hiddenSize % config.heads !== 0;

/** One default replaced. */
const withDefault = (wrong: Sizes): WrongAnswer<Answer> => (settings) =>
  configure({ ...wrong, ...settings });

/** 2.1b: the configuration of a model. */
export default exercise<Answer>({
  name: "configure",
  reference: configure,
  returns: {
    vocabSize: "number",
    hiddenSize: "number",
    heads: "number",
    layers: "number",
    feedForwardSize: "number",
    maxLength: "number",
    tiedHead: "boolean",
  },
  // More members, such as those of the library's modelConfig(), do no harm.
  read: ({ vocabSize, hiddenSize, heads, layers, feedForwardSize, maxLength, tiedHead }) => ({
    ...{ vocabSize, hiddenSize, heads, layers, feedForwardSize, maxLength },
    tiedHead,
  }),
  cases: {
    "no settings": () => [{}],
    "nothing at all": () => [],
    "hiddenSize 96, heads 6, layers 2": () => [{ hiddenSize: 96, heads: 6, layers: 2 }],
    "every setting": () => [{
      vocabSize: 7,
      hiddenSize: 6,
      heads: 3,
      layers: 5,
      feedForwardSize: 11,
      maxLength: 13,
      tiedHead: false,
    }],
    "tiedHead false": () => [{ tiedHead: false }],
    "all sizes 1": () => [
      { vocabSize: 1, hiddenSize: 1, heads: 1, layers: 1, feedForwardSize: 1, maxLength: 1 },
    ],
    "3 heads for 256 channels": () => [{ heads: 3 }],
    "100 channels for 3 heads": () => [{ hiddenSize: 100, heads: 3 }],
    "more heads than channels": () => [{ hiddenSize: 4, heads: 8 }],
    "0 layers": () => [{ layers: 0 }],
    "0 heads": () => [{ heads: 0 }],
    "vocabSize -5": () => [{ vocabSize: -5 }],
    "feedForwardSize 2.5": () => [{ feedForwardSize: 2.5 }],
    "maxLength NaN": () => [{ maxLength: NaN }],
    "hiddenSize Infinity": () => [{ hiddenSize: Infinity }],
  },
  mistakes: {
    "the defaults stand last and win: { ...defaults, ...settings }": (settings) => ({
      ...unchecked(settings),
      ...DEFAULTS,
    }),
    "the defaults are missing: { ...defaults, ...settings }": (settings = {}) => settings,
    "`||` takes false and 0 for missing: spread the settings, or use `??`": (settings = {}) =>
      configure(Object.fromEntries(Object.entries(settings).filter(([, value]) => value))),
    "`settings` may be left out: give it a default, settings = {}": (settings) =>
      configure({ ...settings, layers: settings!.layers ?? DEFAULTS.layers }),
    "impossible settings pass: throw a RangeError": unchecked,
    "C must be divisible by the number of heads, else D = C/H is no whole number": refusing((
      config,
    ) => !sizesOf(config).every(isSize)),
    "that is the wrong way round: heads divide C, C % heads is 0": refusing((config) =>
      !sizesOf(config).every(isSize) || config.heads % config.hiddenSize !== 0
    ),
    "sizes are whole numbers from 1": [
      refusing(({ hiddenSize, heads }) => hiddenSize % heads !== 0),
      refusing((config) => isImpossible(config) && sizesOf(config).every((size) => size > 0)),
      refusing((config) =>
        sizesOf(config).some((size) => size <= 0) || config.hiddenSize % config.heads !== 0
      ),
      refusing((config) =>
        !sizesOf(config).every((size) => Number.isInteger(size) && size >= 0) ||
        config.hiddenSize % config.heads !== 0
      ),
    ],
    "the default is written in where the check should ask the settings": refusing((config) =>
      !sizesOf(config).every(isSize) || 256 % config.heads !== 0
    ),
    "the error is returned: `throw` it": (settings) => {
      try {
        return configure(settings);
      } catch (error) {
        return error;
      }
    },
    "the model of Part 2 has C 256, H 4, 4 layers, F 512, V 1000, 128 positions, and a tied head": [
      { hiddenSize: 512 },
      { hiddenSize: 128 },
      { heads: 8 },
      { layers: 6 },
      { layers: 12 },
      { feedForwardSize: 1024 },
      { feedForwardSize: 256 },
      { vocabSize: 10_000 },
      { maxLength: 512 },
      { tiedHead: false },
    ].map(withDefault),
    "the settings are changed: make a new object, { ...defaults, ...settings }": (settings = {}) =>
      Object.assign(settings, configure(settings)),
  },
  styles: {
    "member by member": (settings) => {
      const heads = settings?.heads ?? 4, hiddenSize = settings?.hiddenSize ?? 256;
      const config = {
        tiedHead: settings?.tiedHead ?? true,
        layers: settings?.layers ?? 4,
        feedForwardSize: settings?.feedForwardSize ?? 512,
        maxLength: settings?.maxLength ?? 128,
        vocabSize: settings?.vocabSize ?? 1000,
        heads,
        hiddenSize,
      };
      if (isImpossible(config)) throw new RangeError("no such model");
      return config;
    },
    "with a loop over the names": (settings = {}) => {
      const config = Object.assign({}, DEFAULTS, settings);
      for (const name of Object.keys(DEFAULTS) as (keyof ModelSettings)[]) { // its own keys
        const value = config[name];
        if (typeof value === "number" && (value < 1 || value % 1 !== 0)) {
          throw new RangeError(`${name} is ${value}`);
        }
      }
      if (config.hiddenSize / config.heads % 1 > 0) throw new RangeError("heads");
      return config;
    },
  },
});
