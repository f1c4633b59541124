/**
 * The house rules that a machine can see, as a plugin of `deno lint`.
 *
 * - `layers`: a folder of lib imports only folders of lower rank, through their mod.ts.
 * - `max-lines`, `max-function-lines`: 300 lines a file, 40 lines of code a function.
 * - `error-text`: "Cannot <act>: expected <rule>, got <value>", in a class that says what is wrong.
 * - `no-default-export`, `no-console`: in lib.
 * - `no-spread-list`: no list is spread into the arguments of a function that takes any number of them.
 * - `no-url-path`: the path of a URL is no path of a file, where a folder has a blank or an "é".
 * - `test-asserts`: a test that checks nothing proves nothing.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import { brokenLayer } from "./ranks.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const MAX_LINES = 300;
const MAX_FUNCTION_LINES = 40;

type Rule = Deno.lint.Rule;
type Node = Deno.lint.Node;

/** The path from the root, with slashes: what decides which rules hold for a file. */
function pathOf(context: Deno.lint.RuleContext): string {
  return context.filename.replace(ROOT, "").replaceAll("\\", "/");
}

/** A rule that looks only at files whose path from the root matches. */
function ruleFor(where: RegExp, create: Rule["create"]): Rule {
  return { create: (context) => where.test(pathOf(context)) ? create(context) : {} };
}

const layers: Rule = {
  create(context) {
    const path = pathOf(context);
    const check = (source: Node | null) => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return;
      const broken = brokenLayer(path, source.value);
      if (broken !== undefined) {
        context.report({
          node: source,
          message: `Cannot import "${source.value}" from ${path}: ${broken}`,
        });
      }
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
    };
  },
};

// A notebook's source is left out: it is one lesson, cut into cells.
const maxLines = ruleFor(/^(?!course\/)/, (context) => ({
  "Program:exit"(node) {
    const lines = context.sourceCode.text.trimEnd().split("\n").length;
    if (lines <= MAX_LINES) return;
    const message = `Cannot keep this file: expected at most ${MAX_LINES} lines, got ${lines}`;
    context.report({ node, message, hint: "cut it where it speaks of a second thing" });
  },
}));

// Tests are left out: a callback of Deno.test may hold a table.
const maxFunctionLines = ruleFor(/^(lib|scripts|tools|course)\/|^[^/]+\.ts$/, (context) => {
  const check = (node: Node) => {
    const lines = countCode(context.sourceCode.getText(node));
    if (lines <= MAX_FUNCTION_LINES) return;
    const message =
      `Cannot keep this function: expected at most ${MAX_FUNCTION_LINES} lines of code, got ${lines}`;
    context.report({ node, message, hint: "give its steps names of their own" });
  };
  return {
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
  };
});

/** Lines that are neither empty nor comment alone. */
function countCode(text: string): number {
  return text.split("\n").filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line)).length;
}

const errorText = ruleFor(/^lib\//, (context) => ({
  NewExpression(node) {
    if (node.callee.type !== "Identifier" || !/Error$/.test(node.callee.name)) return;
    if (node.callee.name === "Error") {
      context.report({
        node,
        message: "Cannot tell this error from others: expected a class that says what is wrong",
        hint:
          "TypeError (shape), RangeError (value), SyntaxError (text), or one of lib/core/errors.ts",
      });
    }
    const text = node.arguments.map(staticText).find((text) => text !== undefined);
    const broken = text === undefined ? undefined : brokenText(text);
    if (broken !== undefined) {
      const message = `Cannot use this text: expected ${broken}`;
      context.report({ node, message, hint: '"Cannot <act>: expected <rule>, got <value>"' });
    }
  },
}));

const HOLE = "\u0000";

/** The text of a string, template or sum, with a hole for each value; nothing for anything else. */
function staticText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral") {
    return node.quasis.map((quasi) => quasi.cooked).join(HOLE);
  }
  if (node.type !== "BinaryExpression" || node.operator !== "+") return undefined;
  const left = staticText(node.left), right = staticText(node.right);
  if (left === undefined && right === undefined) return undefined;
  return (left ?? HOLE) + (right ?? HOLE);
}

function brokenText(text: string): string | undefined {
  // A text that starts with a value is a part, to be put into a whole one elsewhere.
  if (text.startsWith(HOLE)) return undefined;
  if (!/^Cannot \S/.test(text)) return 'it to start with "Cannot "';
  if (!text.includes(": ")) return 'a ": " between what failed and why';
  return /[.!]$/.test(text) ? "no full stop at its end" : undefined;
}

const noDefaultExport = ruleFor(/^lib\//, (context) => ({
  ExportDefaultDeclaration(node) {
    context.report({ node, message: "Cannot export a default: expected a name, as everywhere" });
  },
}));

const noConsole = ruleFor(/^lib\//, (context) => ({
  MemberExpression(node) {
    if (node.object.type !== "Identifier" || node.object.name !== "console") return;
    const message = "Cannot print from lib: expected an event, a result or an error";
    context.report({ node, message });
  },
}));

/** Methods of the language that take a list as arguments; each has a form that takes the list itself. */
const VARIADIC = new Set(["max", "min", "hypot", "push", "unshift", "concat", "of"])
  .union(new Set(["fromCharCode", "fromCodePoint"]));

const noSpreadList = ruleFor(/^(lib|scripts)\//, (context) => ({
  CallExpression(node) {
    const { callee } = node;
    if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
    const { name } = callee.property,
      list = node.arguments.find((one) => one.type === "SpreadElement");
    if (list === undefined || !VARIADIC.has(name)) return;
    const message =
      `Cannot spread a list into ${name}(): expected few arguments, and a long list ` +
      "overflows the call stack";
    context.report({ node, message, hint: "largest(), smallest(), a loop, from() or flat()" });
  },
}));

const noUrlPath: Rule = {
  create: (context) => ({
    MemberExpression(node) {
      if (node.property.type !== "Identifier" || node.property.name !== "pathname") return;
      const message =
        "Cannot take a URL's path for a file's: expected fileURLToPath(), for a blank is %20 in a URL";
      context.report({ node, message });
    },
  }),
};

const testAsserts = ruleFor(/^tests\//, (context) => ({
  CallExpression(node) {
    const { callee } = node;
    const isTest = callee.type === "MemberExpression" && callee.object.type === "Identifier" &&
      callee.object.name === "Deno" && callee.property.type === "Identifier" &&
      callee.property.name === "test";
    if (
      !isTest || /\b(assert|check|expect)\w*\s*(<[^>]*>)?\(/.test(withoutComments(context, node))
    ) return;
    const message = "Cannot fail: expected this test to call assert..., check... or expect...";
    context.report({ node, message });
  },
}));

function withoutComments(context: Deno.lint.RuleContext, node: Node): string {
  return context.sourceCode.getText(node).replace(/^\s*\/\/.*$/gm, "");
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "layers": layers,
    "max-lines": maxLines,
    "max-function-lines": maxFunctionLines,
    "error-text": errorText,
    "no-default-export": noDefaultExport,
    "no-console": noConsole,
    "no-spread-list": noSpreadList,
    "no-url-path": noUrlPath,
    "test-asserts": testAsserts,
  },
};
export default plugin;
