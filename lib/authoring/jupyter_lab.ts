/**
 * JupyterLab as a child process: on this machine only, with a token, quiet.
 *
 * @module
 */
import { ROOT } from "./sources.ts";
import { jupyterCommand } from "./jupyter.ts";

const READY_SECONDS = 60;

/** Where JupyterLab listens, and what it shows. */
export interface LabOptions {
  /** From 1 to 65535. */
  readonly port: number;
  /** What a browser must show to get in. */
  readonly token: string;
  /** The folder whose files are shown; default the checkout. */
  readonly folder?: string;
}

/** A JupyterLab that was started. */
export interface Lab {
  /** Ends when the server does. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Gives whether the server answers; false if it ended before it did. */
  isReady(): Promise<boolean>;
  /** The address of a notebook, with the token. */
  address(notebook: string): string;
  /** Ends the server and its kernels. */
  stop(): void;
}

/** Starts a JupyterLab. */
export function startLab({ port, token, folder = ROOT }: LabOptions): Lab {
  const child = jupyterCommand("jupyter-lab", {
    args: [
      "--no-browser",
      "--ip=127.0.0.1",
      `--port=${port}`,
      "--ServerApp.port_retries=0",
      `--ServerApp.root_dir=${folder}`,
      "--ServerApp.allow_root=True", // in containers there is often nobody else
      `--LabApp.app_settings_dir=${ROOT}/jupyter`, // overrides.json
      "--MultiKernelManager.default_kernel_name=deno",
      "--LabApp.extension_manager=readonly", // it would ask the network for a list
      "--LabApp.news_url=None",
      "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
      "--log-level=WARN",
    ],
    env: { JUPYTER_TOKEN: token },
    stdin: "null",
  }).spawn();
  const server = `http://127.0.0.1:${port}`;
  return {
    status: child.status,
    isReady: () => answers(`${server}/api/status?token=${token}`, child.status),
    address: (notebook) => `${server}/lab/tree/${notebook}?token=${token}`,
    // An interrupt would make the server ask whether it is meant; notebooks save themselves.
    stop: () => child.kill("SIGTERM"),
  };
}

async function answers(address: string, status: Promise<unknown>): Promise<boolean> {
  let isEnded = false;
  status.then(() => isEnded = true);
  for (let tries = 0; tries < 10 * READY_SECONDS && !isEnded; tries++) {
    try {
      const answer = await fetch(address);
      await answer.body?.cancel();
      if (answer.ok) return true;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Finds the first port from `first` on that nobody listens at; undefined if none of 100 is free. */
export function freePort(first: number): number | undefined {
  for (let port = first; port < first + 100; port++) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  return undefined;
}
