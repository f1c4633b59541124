/**
 * JupyterLab as a child process: on this machine only, with a token, without log output.
 *
 * @module
 */
import { ROOT } from "./sources.ts";
import { jupyterCommand } from "./jupyter.ts";

const READY_SECONDS = 60;

/** Where JupyterLab listens, and which files it shows. */
export interface LabOptions {
  /** From 1 to 65535. */
  readonly port: number;
  /** The secret that a browser must send. */
  readonly token: string;
  /** The folder whose files are shown; default the checkout. */
  readonly folder?: string;
}

/** A JupyterLab that was started. */
export interface Lab {
  /** Resolves when the server ends. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Resolves to true when the server answers; to false if it ends before that. */
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
      "--ServerApp.allow_root=True", // in containers, root is often the only user
      `--LabApp.app_settings_dir=${ROOT}/jupyter`, // overrides.json
      "--MultiKernelManager.default_kernel_name=deno",
      "--LabApp.extension_manager=readonly", // the default would download a list of extensions
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
    // SIGINT would make the server ask for confirmation. Nothing is lost: notebooks save
    // themselves.
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
      // It does not answer yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Finds the first free port from `first` on; undefined if none of 100 is free. */
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
