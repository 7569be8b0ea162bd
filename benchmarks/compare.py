#!/usr/bin/env python3
"""Measures Backdraft beside PyTorch: both in turn, in one run, by the same rule.

    BACKDRAFT_PYTHON=~/torch/bin/python benchmarks/compare.py --jdk /usr/lib/jvm/jdk-17 --jdk /usr/lib/jvm/jdk-25

Leaves one file a JDK, results/<date>-<cpu>-<jdk>.json, and writes the tables of the READMEs anew from the
newest files (see table.py). Needs nothing but Python 3.9 and, for the peer, a Python with torch; without
one (--no-pytorch) Backdraft alone is measured.
"""

import argparse
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

import table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEERS = HERE / "peers" / "pytorch"

NETS = {
    "mlp": 64, "lenet5": 64, "resnet20": 128, "vgg16": 8, "alexnet": 32, "resnet18": 16, "resnet50": 16,
    "googlenet": 16, "unet": 2, "c3d": 2,
}
GEMM_SIZE = 1024

# glibc's malloc gives large blocks back to the system at once; with these it keeps them.
KEPT_HEAP = {"MALLOC_TRIM_THRESHOLD_": "8589934592", "MALLOC_MMAP_THRESHOLD_": "4294967296"}


class Form:
    """A way to run a peer: its options and environment. Stock forms are what a user writes without tuning."""

    def __init__(self, options, environment=None, stock=False):
        self.options = options
        self.environment = environment or {}
        self.stock = stock


PYTORCH_FORMS = {
    "nchw": Form(["--layout", "nchw"], stock=True),
    "channels_last": Form(["--layout", "channels_last"], stock=True),
    "nchw fused kept": Form(["--layout", "nchw", "--fused"], KEPT_HEAP),
    "channels_last fused kept": Form(["--layout", "channels_last", "--fused"], KEPT_HEAP),
    "compile fused kept": Form(["--layout", "channels_last", "--fused", "--compile"], KEPT_HEAP),
    # Another arithmetic: measured where asked for, never the strongest form of float32.
    "bf16": Form(["--layout", "channels_last", "--fused", "--bf16"], KEPT_HEAP),
}
FLOAT32_FORMS = [name for name in PYTORCH_FORMS if name != "bf16"]
GEMM_FORMS = {"mm": Form([], stock=True), "mm kept": Form([], KEPT_HEAP)}


class Failed(Exception):
    """A measurement that came to nothing; the message tells why."""


def main():
    options = arguments()
    python = None if options.no_pytorch else options.python
    if not options.no_build:
        build()
    jdks = {jdk_version(java): java for java in options.jdk or [default_java()]}
    bench = Bench(options, jdks, python)
    measurements = {}
    for name in options.nets:
        measurements[name] = bench.net(name)
    files = [write(version, measurements, options, bench) for version in jdks]
    for file in files:
        print(f"wrote {file}")
    print("\n".join(table.render(json.loads(file.read_text())) for file in files))
    if options.update_tables:
        table.update(ROOT)
    failures = [f"{name}, {form}" for name, m in measurements.items() for form in m["failed"]]
    if failures:
        sys.exit("compare: NOT MEASURED, see above: " + "; ".join(failures))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--nets", nargs="+", choices=[*NETS, "gemm"], default=[*NETS, "gemm"])
    parser.add_argument("--rounds", type=int, default=3, help="times that every form is measured, in turn")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement; warm-up comes on top")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batch", type=int, help="for all nets; else " + str(NETS))
    parser.add_argument("--jdk", action="append", metavar="JAVA_HOME", help="may come twice; else JAVA_HOME")
    parser.add_argument(
        "--forms", nargs="+", choices=list(PYTORCH_FORMS), default=FLOAT32_FORMS, help="of PyTorch")
    parser.add_argument(
        "--python", default=os.environ.get("BACKDRAFT_PYTHON", "python3"),
        help="a Python with torch; else BACKDRAFT_PYTHON, else python3")
    parser.add_argument("--no-pytorch", action="store_true", help="measure Backdraft alone")
    parser.add_argument("--no-build", action="store_true", help="measure the jar that is there")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where files go")
    parser.add_argument(
        "--update-tables", action="store_true", help="then write the tables of the READMEs anew")
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds <= 0 or options.threads < 1:
        parser.error("--rounds and --threads must be at least 1, --seconds above 0.")
    if not options.no_pytorch:
        check_python(options.python)
    return options


def check_python(python):
    """Fails before an hour of measuring, not after it."""
    try:
        done = subprocess.run(
            [python, "-c", "import torch"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as e:
        sys.exit(f"compare: {python} cannot be run ({e.strerror}). Set BACKDRAFT_PYTHON or take --no-pytorch.")
    if done.returncode:
        sys.exit(f"compare: {python} has no torch. Set BACKDRAFT_PYTHON to one that has, or take --no-pytorch.")


def build(modules="jobs,deploy"):
    print("building …", file=sys.stderr)
    subprocess.run(
        [str(ROOT / "mvnw"), "-B", "-ntp", "-q", "-Dquick", "-pl", modules, "-am", "package"],
        cwd=ROOT, check=True)


def default_java():
    if "JAVA_HOME" not in os.environ:
        sys.exit("compare: which JDK? Give --jdk JAVA_HOME, or set JAVA_HOME.")
    return os.environ["JAVA_HOME"]


def jdk_version(java_home):
    java = Path(java_home) / "bin" / "java"
    try:
        told = subprocess.run(
            [str(java), "-XshowSettings:properties", "-version"], capture_output=True, text=True).stderr
    except OSError:
        sys.exit(f"compare: --jdk must be the home of a JDK: there is no {java}.")
    return re.search(r"java\.version = (\S+)", told).group(1)


class Bench:
    """Runs the programs and remembers all rounds."""

    def __init__(self, options, jdks, python):
        self.options = options
        self.jdks = jdks
        self.python = python

    def net(self, name):
        """All forms of a net, round by round, each second round in reverse, so that drift hits all alike."""
        batch = None if name == "gemm" else self.options.batch or NETS[name]
        runs = {f"backdraft jdk {v}": lambda java=java: self.backdraft(name, batch, java)
                for v, java in self.jdks.items()}
        if self.python:
            forms = GEMM_FORMS if name == "gemm" else {f: PYTORCH_FORMS[f] for f in self.options.forms}
            for form in forms:
                runs[f"pytorch {form}"] = lambda form=forms[form]: self.pytorch(name, batch, form)
        rounds = {form: [] for form in runs}
        failed = {}
        for number in range(self.options.rounds):
            for form in list(runs) if number % 2 == 0 else reversed(list(runs)):
                if form in failed:
                    continue
                what = f"{name}  round {number + 1} of {self.options.rounds}  {form}"
                try:
                    result = runs[form]()
                    rounds[form].append(result)
                    print(f"{what}: {ms(result):.3f} ms", file=sys.stderr, flush=True)
                except Failed as e:
                    failed[form] = str(e)
                    print(f"{what}: FAILED: {e}", file=sys.stderr, flush=True)
        return {"batch": batch, "failed": failed, "rounds": {f: r for f, r in rounds.items() if f not in failed}}

    def backdraft(self, name, batch, java_home):
        what = (["gemm", "--size", str(GEMM_SIZE)] if name == "gemm"
                else ["step", "--model", name, "--batch", str(batch)])
        return parsed(self.run([str(ROOT / "bin" / "backdraft"), "bench", *what], {"JAVA_HOME": java_home}))

    def pytorch(self, name, batch, form):
        what = (["gemm.py", "--size", str(GEMM_SIZE)] if name == "gemm"
                else ["step.py", "--model", name, "--batch", str(batch)])
        return parsed(self.run([self.python, str(PEERS / what[0]), *what[1:], *form.options], form.environment))

    def run(self, command, environment):
        arguments = ["--threads", str(self.options.threads), "--seconds", str(self.options.seconds)]
        if command[0].endswith("backdraft"):
            arguments.append("--json")
        return subprocess.run(
            command + arguments, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True)


def parsed(done):
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip() and "WARNING" not in line]
        raise Failed(f"ended with {done.returncode}: {said[-1] if said else 'without a word'}")
    return json.loads(done.stdout.splitlines()[-1])


def ms(result):
    return result["ms"] if "ms" in result else result["ms_per_step"]


def write(version, measurements, options, bench):
    """The file of one JDK: the peer's rounds stand in the files of all JDKs of the run."""
    own = f"backdraft jdk {version}"
    nets = {name: net_summary(own, measured) for name, measured in measurements.items()}
    peaks = [r["peak_gflops"] for m in measurements.values() for r in m["rounds"].get(own, [])
             if r["peak_gflops"] is not None]
    torch = {r["torch"] for m in measurements.values() for rounds in m["rounds"].values()
             for r in rounds if "torch" in r}
    today = datetime.date.today().isoformat()
    content = {
        "date": today,
        "commit": commit(),
        "machine": {
            "cpu": cpu(),
            "cpus": os.cpu_count(),
            "memory_gib": memory_gib(),
            "os": f"{platform.system()} {platform.release()}",
            "peak_gflops": round(statistics.median(peaks), 1) if peaks else None,
        },
        "jdk": version,
        "torch": torch.pop() if torch else None,
        "threads": options.threads,
        "seconds": options.seconds,
        "rounds": options.rounds,
        "nets": nets,
    }
    options.results.mkdir(parents=True, exist_ok=True)
    file = options.results / f"{today}-{slug(cpu())}-jdk{version.split('.')[0]}.json"
    file.write_text(json.dumps(content, indent=1) + "\n")
    return file


def net_summary(own, measured):
    """Medians over rounds; ratios are how many times as long the peer takes."""
    failed = {form: why for form, why in measured["failed"].items() if form == own or form.startswith("pytorch ")}
    if own in failed:
        return {"batch": measured["batch"], "failed": failed}
    rounds = {form: results for form, results in measured["rounds"].items()
              if form == own or form.startswith("pytorch ")}
    medians = {form: statistics.median(map(ms, results)) for form, results in rounds.items()}
    own_ms = medians[own]
    float32 = [f for f in medians if f.startswith("pytorch ") and f != "pytorch bf16"]
    stock = [f for f in float32 if {**PYTORCH_FORMS, **GEMM_FORMS}[f.removeprefix("pytorch ")].stock]

    def peer(forms):
        fastest = min(forms, key=medians.get, default=None)
        return fastest and {
            "form": fastest.removeprefix("pytorch "),
            "ms": round(medians[fastest], 4),
            "ratio": round(medians[fastest] / own_ms, 3),
            "resident_mib": middle(rounds[fastest], "resident_mib"),
        }

    return {
        "batch": measured["batch"],
        "backdraft": {
            "ms": round(own_ms, 4),
            "gflops": middle(rounds[own], "gflops"),
            "peak_fraction": middle(rounds[own], "peak_fraction"),
            "resident_mib": middle(rounds[own], "resident_mib"),
        },
        "stock": peer(stock),
        "strongest": peer(float32),
        "failed": failed,
        "medians_ms": {form: round(median, 4) for form, median in medians.items()},
        "rounds": rounds,
    }


def middle(results, key):
    values = [r[key] for r in results if r.get(key) is not None]
    return round(statistics.median(values), 4) if values else None


def commit():
    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    changed = any(not line.endswith(".json") for line in git("status", "--porcelain", "-uno").splitlines())
    return git("rev-parse", "--short", "HEAD") + ("+changes" if changed else "")


def cpu():
    try:
        return re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()).group(1).strip()
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def slug(text):
    """As a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\((r|tm)\)", "", text.lower())).strip("-")


def memory_gib():
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30)
    except (ValueError, OSError):
        return None


if __name__ == "__main__":
    main()
