"""A Slurm of one node on this machine, without a database, for the time of a block. It needs root."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

# The plugin's job step drops SLURM_CONF from the environment, so srun finds the configuration only here.
CONF = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")

# No cgroups, which a container may not change. Jobs may overrun: the machine of a test may be a busy one.
TEMPLATE = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/ended.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
MinJobAge=300
KillWait=5
OverTimeLimit=UNLIMITED
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=60 State=UP
"""


def obstacle() -> str | None:
    """Return why no cluster can be started here, None if one can."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)}: apt-get install slurmctld slurmd slurm-client munge"
    if os.geteuid() != 0:
        return "slurmd has to be started as root"
    return f"{CONF} exists: this machine belongs to a cluster" if CONF.exists() else None


def free_port() -> int:
    """Return the number of a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def scheduler(*words: str) -> str:
    """Return what one of Slurm's commands says."""
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


@contextmanager
def daemon(*words: str, log: Path) -> Iterator[None]:
    """Run a daemon in the foreground for the time of a block."""
    with log.open("w") as said, subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """Start the cluster with all its files in a folder, and yield the file with a line for each job that ended."""
    host, memory = socket.gethostname().split(".")[0], os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    ports = {"controller_port": free_port(), "node_port": free_port()}
    (folder / "slurm.conf").write_text(TEMPLATE.format(folder=folder, host=host, memory=memory, **ports))
    for name in ("state", "spool"):
        (folder / name).mkdir()
    files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "seed", "log")]
    munged = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files]
    commands = {"munged": munged, "slurmctld": ["slurmctld", "-D"], "slurmd": ["slurmd", "-D"]}
    with ExitStack() as stack:
        CONF.symlink_to(folder / "slurm.conf")
        stack.callback(CONF.unlink)
        for name, words in commands.items():
            stack.enter_context(daemon(*words, log=folder / f"{name}.said"))
        stack.callback(subprocess.run, ["scancel", "--state=RUNNING"], check=False)
        deadline = time.monotonic() + 60
        while not subprocess.run(["sinfo", "-h", "-t", "idle"], capture_output=True, check=False).stdout:
            assert time.monotonic() < deadline, "".join((folder / f"{name}.said").read_text() for name in commands)
            time.sleep(0.5)
        yield folder / "ended.txt"
