"""A program as a container platform would run it: user 10001, no capabilities, no new privileges, process 1 of its own
namespace, and a root file system that cannot be written. By bubblewrap, which needs no engine and no root."""

import pathlib
import shutil

USER = "10001"  # as in the Dockerfile
TMP_SIZE = 32 << 20  # bytes of /tmp, which is in memory


def command(folder, program, *words):
    """What to run instead of a program, so that it is contained and may write to one folder."""
    program = shutil.which(program) or program
    return [
        "bwrap", "--die-with-parent", "--unshare-user", "--uid", USER, "--gid", USER, "--unshare-ipc",
        "--unshare-pid", "--as-pid-1", "--cap-drop", "ALL",
        "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
        "--size", str(TMP_SIZE), "--tmpfs", "/tmp",
        # Either may lie in /tmp.
        "--ro-bind", program, program, "--bind", folder, folder, "--chdir", folder, "--", program, *words]


def inner_process(outer):
    """The process that was meant, by the number of the one that was started: bubblewrap passes no signal on."""
    children = pathlib.Path(f"/proc/{outer}/task/{outer}/children").read_text(encoding="ascii").split()
    if not children:
        raise ProcessLookupError(f"{outer} has not begun yet, or ended")
    return int(children[0])
