"""Executes the cells of one submission after another, each within its limits. If a kernel is lost, it continues in a new one.

It reads jobs from standard input, one line of JSON per job, and writes events to standard output, one line of JSON per event.
It ends when its input does. The kernel is started by the command that the job names, which puts it into a sandbox; this program stays outside.
"""
import asyncio
import ctypes
import json
import os
import signal
import sys
import time

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

QUIET_SECONDS = 0.15  # after an error the kernel reports that it is idle before it has sent all output


LEAVE_SECONDS = 5  # for a check's cell to end, once its verdict is known


class TooMuchOutput(Exception):
    """A cell wrote more output than it may."""


class TooManyProcesses(Exception):
    """The kernel's processes are too many, or take too much memory."""


class Manager(AsyncKernelManager):
    """Starts the kernel with the job's command."""

    command: list = []

    @property
    def kernel_spec(self):
        return KernelSpec(argv=self.command, display_name="Deno", language="typescript", env={"NO_COLOR": "1"})


class Client(NotebookClient):
    """Counts the characters of a cell's output."""

    def start_cell(self, most):
        self.most, self.count, self.is_full = most, 0, False

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data", "error"):
            self.count += len(json.dumps(msg["content"]))
            if self.count > self.most:
                self.is_full = True
                raise TooMuchOutput()
        return super().process_message(msg, cell, cell_index)


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def tree(root):
    """A process and all its descendants, and the bytes of memory that they use together."""
    children, sizes = {}, {}
    page = os.sysconf("SC_PAGE_SIZE")
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        sizes[int(name)] = int(fields[21]) * page
    found, queue = [], [root]
    while queue:
        process = queue.pop()
        found.append(process)
        queue += children.get(process, [])
    return found, sum(sizes.get(process, 0) for process in found)


def end_with_parent():
    """Makes the system end this process when its parent ends: the parent may be killed while this process waits for a pipe."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Helpers:
    """Processes outside the sandbox that serve one submission after another: the checker, and the process with the course's own modules."""

    def __init__(self):
        self.processes = {}

    async def start(self, command):
        """Returns the process of a command, once it has reported that it is ready."""
        command = tuple(command)
        process = self.processes.get(command)
        if process is None or process.returncode is not None:
            process = self.processes[command] = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26, preexec_fn=end_with_parent)
            await process.stdout.readline()
        return process

    async def ask(self, command, pipes, **request):
        """Makes two pipes, and tells a process to use them; returns a future of the line that the process writes when it is done."""
        for pipe in pipes:
            if os.path.exists(pipe):
                os.remove(pipe)
            os.mkfifo(pipe, 0o666)
            os.chmod(pipe, 0o666)
        process = await self.start(command)
        request = {**request, "calls": pipes[0], "results": pipes[1]}
        process.stdin.write((json.dumps(request) + "\n").encode())
        await process.stdin.drain()
        return asyncio.ensure_future(process.stdout.readline())

    async def release(self, command, pipes, told, waits):
        """Makes a process finish its request, even if the other side is gone; returns the line that it writes, or None if there is none."""
        for _ in range(int(waits / 0.05)):
            done, _ = await asyncio.wait({told}, timeout=0.05)
            if done:
                break
            for pipe in pipes:
                for flag in (os.O_RDONLY, os.O_WRONLY):
                    try:  # opened and closed at once: a process that waits for the other end continues and finds it closed
                        os.close(os.open(pipe, flag | os.O_NONBLOCK))
                    except OSError:
                        pass
        for pipe in filter(os.path.exists, pipes):
            os.remove(pipe)
        if told.done() and told.result():
            return told.result()
        told.cancel()
        process = self.processes.pop(tuple(command))
        process.kill()
        await process.wait()
        return None

    def end(self):
        for process in self.processes.values():
            if process.returncode is None:
                process.kill()


class Runner:
    """Runs a job's cells in order."""

    def __init__(self, job, helpers):
        self.job, self.limits, self.helpers = job, job["limits"], helpers
        self.client = self.manager = None
        self.modules = None
        self.ran = []
        self.peak = 0
        self.started = time.monotonic()

    async def start(self):
        connection = os.path.join(self.job["exchange"], "connection.json")
        if os.path.exists(connection):
            os.remove(connection)
        self.manager = Manager(connection_file=connection, kernel_name="deno")
        self.manager.command = self.job["command"]
        notebook = nbformat.v4.new_notebook()
        self.client = Client(notebook, km=self.manager, allow_errors=True, timeout=None, interrupt_on_timeout=False)
        self.client.start_cell(self.limits["outputBytes"])
        if self.job.get("modules"):
            self.modules = await self.helpers.ask(self.job["modules"], self.pipes("course-"))
        await self.client.async_start_new_kernel(cwd=self.job["folder"])
        await self.client.async_start_new_kernel_client()

    async def stop(self):
        """Ends the kernel and all processes that it started; the sandbox ends with its first process."""
        if self.manager is None:
            return
        process = getattr(self.manager.provisioner, "process", None)
        if process is not None:
            for one in reversed(tree(process.pid)[0]):
                try:
                    os.kill(one, signal.SIGKILL)
                except OSError:
                    pass
        try:
            self.client.kc.stop_channels()
            await asyncio.wait_for(self.manager.shutdown_kernel(now=True), 10)
        except Exception:  # the kernel has ended already
            pass
        self.manager = self.client = None
        if self.modules is not None:
            told, self.modules = self.modules, None
            await self.helpers.release(self.job["modules"], self.pipes("course-"), told, waits=2)

    def pipes(self, prefix=""):
        """The paths of the pipes into the sandbox and out of it."""
        return [os.path.join(self.job["exchange"], prefix + kind) for kind in ("calls", "results")]

    async def watch(self):
        """Raises TooManyProcesses when the kernel's processes are too many or use too much memory."""
        while True:
            await asyncio.sleep(0.1)
            processes, size = tree(self.manager.provisioner.process.pid)
            self.peak = max(self.peak, size)
            if len(processes) > self.limits["processes"]:
                raise TooManyProcesses(f"{len(processes)} processes")
            if size > self.limits["memoryBytes"]:
                raise TooManyProcesses(f"{size >> 20} MiB of memory")

    async def execute(self, cell, told=None):
        """Runs one cell; returns its outputs, its status, and the reason. Once the check has told its verdict, the cell must end soon."""
        node = nbformat.v4.new_code_cell(cell["source"])
        node.pop("id", None)
        self.client.nb.cells = [node]
        self.client.start_cell(self.limits["outputBytes"])
        left = self.limits["totalSeconds"] - (time.monotonic() - self.started)
        seconds = min(cell["seconds"], max(1.0, left))
        run = asyncio.ensure_future(self.client.async_execute_cell(node, 0))
        watch = asyncio.ensure_future(self.watch())
        awaited = {run, watch} if told is None else {run, watch, told}
        done, _ = await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if done == {told}:
            seconds = min(seconds, LEAVE_SECONDS)
            done, _ = await asyncio.wait({run, watch}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        status, reason = "ok", ""
        if run in done:
            status, reason = self.judge(run)
        elif watch in done:
            status, reason = "limit", str(watch.exception() or "")
        else:
            status, reason = "time", f"{seconds:.0f} s"
        for task in (run, watch):
            task.cancel()
            try:
                await task
            except BaseException:
                pass
        if status == "error":
            await self.drain(node)
        return node.outputs, status, reason

    def judge(self, run):
        error = run.exception()
        if self.client.is_full or isinstance(error, TooMuchOutput):
            return "output", f"{self.limits['outputBytes']} bytes"
        if isinstance(error, (DeadKernelError, RuntimeError)):
            return "dead", "the kernel ended"
        if isinstance(error, CellTimeoutError):
            return "time", "the time limit"
        if error is not None and "Invalid Signature" in str(error):
            return "output", "its messages were too long to be read"
        if error is not None:
            return "dead", f"{type(error).__name__}: {error}"[:300]
        failed = any(output.output_type == "error" for output in run.result().outputs)
        reply = run.result().metadata.get("execution", {}).get("shell.execute_reply")
        return ("error" if failed else "ok"), ""

    async def drain(self, node):
        """Reads the output that the kernel sends after it has reported that it is idle."""
        while True:
            try:
                message = await self.client.kc.get_iopub_msg(timeout=QUIET_SECONDS)
                self.client.process_message(message, node, 0)
            except Exception:
                return

    async def prepare(self):
        """Starts a new kernel and runs again the cells that the last one had run to their end, without checks; returns whether all worked."""
        await self.start()
        for place, cell in enumerate(self.ran):
            _, status, reason = await self.execute(cell)
            if status not in ("ok", "error"):
                lost = self.culprit(cell, {"status": status}, self.ran[:place]) or cell
                self.ran.remove(lost)
                say(event="cell", id=lost["id"], status=status, reason=f"when it ran again: {reason}", outputs=[], seconds=0, verdict=None)
                return False
        return True

    async def run(self):
        for cell in self.job["cells"]:
            if time.monotonic() - self.started > self.limits["totalSeconds"]:
                say(event="cell", id=cell["id"], status="skipped", reason="the notebook's time was over", outputs=[], seconds=0)
                continue
            if self.manager is None:
                while not await self.prepare():
                    await self.stop()
            await self.run_cell(cell)
        await self.stop()
        say(event="end", seconds=time.monotonic() - self.started, peakBytes=self.peak)

    async def run_cell(self, cell):
        """Runs a cell; if an earlier cell of the student may be to blame for its loss, it runs again without that cell."""
        while True:
            event = await self.attempt(cell)
            culprit = self.culprit(cell, event)
            if culprit is None:
                say(**event)
                return
            self.ran.remove(culprit)
            reason = f'later, in "{cell["id"]}": {event["reason"]}'
            say(**{**event, "id": culprit["id"], "outputs": [], "verdict": None, "reason": reason})
            while not await self.prepare():
                await self.stop()

    def culprit(self, cell, event, before=None):
        """The last of the student's own cells that may be to blame; None if the cell itself is."""
        if event["status"] not in ("dead", "limit", "output") or cell["role"] in ("extra", "answer"):
            return None
        blamed = ("extra",) if cell["role"] == "check" else ("extra", "answer")
        return next((one for one in reversed(self.ran if before is None else before) if one["role"] in blamed), None)

    async def attempt(self, cell):
        checker = cell.get("check")
        told = await self.helpers.ask(self.job["checker"], self.pipes(), check=checker) if checker else None
        begin = time.monotonic()
        try:
            outputs, status, reason = await self.execute(cell, told)
        except Exception as error:
            outputs, status, reason = [], "dead", f"{type(error).__name__}: {error}"[:300]
        seconds = time.monotonic() - begin
        is_lost = status not in ("ok", "error")
        if is_lost:
            await self.stop()
        line = await self.helpers.release(self.job["checker"], self.pipes(), told, waits=10) if checker else None
        verdict = json.loads(line) if line else None
        if not is_lost and cell["role"] != "check":
            self.ran.append(cell)
        return dict(event="cell", id=cell["id"], status=status, reason=reason, outputs=outputs, seconds=seconds, verdict=verdict)


async def run_jobs(reader, helpers):
    """Runs one job after another; stops when the input ends, even in the middle of a job."""
    line = await reader.readline()
    while line:
        runner = Runner(json.loads(line), helpers)
        run = asyncio.ensure_future(runner.run())
        coming = asyncio.ensure_future(reader.readline())
        await asyncio.wait({run, coming}, return_when=asyncio.FIRST_COMPLETED)
        if not run.done():
            run.cancel()
        try:
            await run
        except BaseException as error:
            say(event="end", reason=f"{type(error).__name__}: {error}"[:300])
        await runner.stop()
        line = await coming


async def main():
    reader = asyncio.StreamReader(limit=2**27)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    helpers = Helpers()
    try:
        await run_jobs(reader, helpers)
    finally:
        helpers.end()


asyncio.run(main())
