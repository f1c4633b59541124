/**
 * Jupyter as this project uses it: from `.venv`, with all its state in `.jupyter/`.
 *
 * @module
 */
import { programPath } from "lib/core/mod.ts";
import { ROOT } from "./sources.ts";

/** The folder with the Python packages and the kernel's description; `denow` creates both. */
const VENV = `${ROOT}/.venv`;

const STATE = {
  JUPYTER_CONFIG_DIR: "config",
  JUPYTER_DATA_DIR: "data",
  JUPYTER_RUNTIME_DIR: "runtime",
  JUPYTERLAB_SETTINGS_DIR: "settings",
  JUPYTERLAB_WORKSPACES_DIR: "workspaces",
  IPYTHONDIR: "ipython",
};

/**
 * Makes a command of one of Jupyter's programs.
 *
 * @param program Such as `jupyter-nbconvert`.
 * @param options Arguments and the other options of a command.
 * @returns The command; all its files stay in the checkout.
 */
export function jupyterCommand(program: string, options: Deno.CommandOptions): Deno.Command {
  const state = Object.entries(STATE).map(([name, folder]) => {
    const path = `${ROOT}/.jupyter/${folder}`;
    Deno.mkdirSync(path, { recursive: true });
    return [name, path];
  });
  const env = { ...Object.fromEntries(state), NO_COLOR: "1", ...options.env };
  return new Deno.Command(programPath(VENV, program), { ...options, env });
}
