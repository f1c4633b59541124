"""What denow does, for Windows: sets the project up where needed, then runs its Deno.

denow.cmd starts it with a Python that fits: the one that .venv is made with. TensorFlow's library needs
that Python's DLL at every start, so where it is gone or was replaced by another version, .venv is made
anew. The steps, stamps and messages are those of denow, and a test compares them.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
IS_WINDOWS = os.name == "nt"
PROGRAMS, ENDING = (VENV / "Scripts", ".exe") if IS_WINDOWS else (VENV / "bin", "")
PYTHON, DENO = PROGRAMS / f"python{ENDING}", PROGRAMS / f"deno{ENDING}"
KERNEL = VENV / "share" / "jupyter" / "kernels" / "deno"

# Why a step failed, by what its tool said: a pattern, the problem, the cure.
REASONS = [
    (r"no space left|not enough space|quota", "the disk is full",
     "free 3 GB here and where temporary files go, start again"),
    (r"long path", "a path is longer than Windows allows",
     "move the checkout to a short path such as C:\\toy, or turn Windows' long paths on"),
    (r"being used by another process|access is denied|permissionerror|winerror (5|32)\b",
     "a file is in use or may not be written",
     "end programs that run out of .venv, such as JupyterLab; make the checkout writable"),
    (r"ensurepip|no module named", "Python lacks its venv module, or disk space",
     "install Python 3.12 from python.org, with all its parts"),
    (r"connect|resol|unreachable|timed out|proxy|certificate", "no way to the packages",
     "check network and proxy, start again"),
    (r"no matching", "no packages for this Python or this Windows",
     "use Windows on x64 and Python 3.10 to 3.13 from python.org"),
    (r"", "the step above failed", "see its message, start again"),
]


def say(text):
    print(f"denow: {text}", file=sys.stderr, flush=True)


def die(problem, cure):
    say(f"Cannot set up: {problem}")
    say(f"Cure: {cure}")
    sys.exit(1)


def checksum(*paths):
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def python_part():
    """What the stamp of .venv holds. A virtual environment knows its own path: a moved one is made anew."""
    return f"{checksum(ROOT / 'requirements.txt')} {ROOT}"


def npm_part():
    return checksum(ROOT / "deno.lock", ROOT / "jupyter" / "kernel.json")


def has(stamp, text):
    try:
        return DENO.exists() and (VENV / stamp).read_text("utf-8") == text
    except OSError:
        return False


def python_dll(settings):
    """The DLL of the Python that .venv was made with, by what its pyvenv.cfg says."""
    found = dict(re.findall(r"^(\w+)\s*=\s*(.*?)\s*$", settings, re.MULTILINE))
    major, minor = found.get("version", "0.0").split(".")[:2]
    return Path(found.get("home", ""), f"python{major}{minor}.dll")


def has_python_dll():
    try:
        return python_dll((VENV / "pyvenv.cfg").read_text("utf-8")).exists()
    except OSError:
        return False


def is_python_ready():
    return has("ready", python_part()) and (not IS_WINDOWS or has_python_dll())


def is_ready():
    return is_python_ready() and has("ready-npm", npm_part())


def stamp(name, text):
    try:
        (VENV / name).write_text(text, "utf-8")
    except OSError:
        die("the disk is full", "free 3 GB, start again")


def phase(title, *command):
    """Runs one step: a terminal sees its latest line, a failure shows the end."""
    say(title)
    is_terminal = sys.stderr.isatty()
    lines = []
    try:
        child = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace")
        for line in child.stdout:
            lines = [*lines[-11:], line.rstrip("\n")]
            if is_terminal:
                print(f"  {lines[-1][:72]:72}\r", end="", file=sys.stderr, flush=True)
        code = child.wait()
    except OSError as error:
        lines, code = [*lines, str(error)], 1
    if is_terminal:
        print(f"{'':76}\r", end="", file=sys.stderr)
    if code == 0:
        return
    output = "\n".join(lines)
    print(output, file=sys.stderr)
    die(*next((problem, cure) for pattern, problem, cure in REASONS
              if re.search(pattern, output.lower())))


def set_up():
    """Makes what is missing, while this process holds the lock."""
    if not is_python_ready():
        (VENV / "ready").unlink(missing_ok=True)
        phase("first start: making .venv", sys.executable, "-m", "venv", "--clear", VENV)
        phase("installing Deno, TensorFlow, JupyterLab (2 GB, a few minutes, once)",
              PYTHON, "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:",
              "--disable-pip-version-check", "--progress-bar", "off", "-r", ROOT / "requirements.txt")
        stamp("ready", python_part())
    phase("fetching npm packages (400 MB, once)",
          DENO, "install", "--frozen", "--config", ROOT / "deno.json")
    write_kernel()
    stamp("ready-npm", npm_part())


def write_kernel():
    """Makes the kernel known to Jupyter. It is Deno itself: what stood between would outlive it, or it."""
    kernel = json.loads((ROOT / "jupyter" / "kernel.json").read_text("utf-8"))
    kernel["argv"] = [str(DENO), "jupyter", "--kernel", "--conn", "{connection_file}"]
    KERNEL.mkdir(parents=True, exist_ok=True)
    (KERNEL / "kernel.json").write_text(json.dumps(kernel, indent=2), "utf-8")


def lock():
    """Waits until no other start sets up. The system lets go of the lock however its holder ends."""
    try:
        file = open(ROOT / ".denow.lock", "a+b")
        if try_lock(file):
            return file
        say("waiting for another set-up")
        while not try_lock(file, is_patient=True):
            pass
        return file
    except OSError as error:
        die(error, "make the checkout writable")


def try_lock(file, is_patient=False):
    if IS_WINDOWS:
        import msvcrt
        file.seek(0)
        try:  # the patient one gives up after 10 s, for the caller to ask again
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if is_patient else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if is_patient else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def keep_cache():
    """Where the user's own folder cannot be written, Deno's cache lies in .venv."""
    home = os.environ.get("LOCALAPPDATA" if IS_WINDOWS else "HOME", "")
    if not os.environ.get("DENO_DIR") and not os.access(home, os.W_OK):
        os.environ["DENO_DIR"] = str(VENV / "cache")


def main(arguments):
    keep_cache()
    if not is_ready():
        held = lock()
        if not is_ready():  # the one that was waited for may have done it
            set_up()
        held.close()
    if arguments[:1] == ["task"]:
        arguments = ["task", "--frozen", "--config", str(ROOT / "deno.json"), *arguments[1:]]
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ["PATH"] = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", "")])
    os.environ["DENO_NO_UPDATE_CHECK"] = "1"
    # Ctrl-C goes to Deno as well, which saves its work; this process waits for its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN if IS_WINDOWS else signal.SIG_DFL)
    return subprocess.run([str(DENO), *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
