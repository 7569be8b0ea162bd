#!/usr/bin/env python3
"""Measures data-parallel training on this machine: executors that are JVMs of their own, beside one executor,
beside runs that know nothing of each other, and beside PyTorch and MLlib.

    BACKDRAFT_PYTHON=~/torch/bin/python benchmarks/scaling.py --jdk /usr/lib/jvm/jdk-17

Starts a standalone cluster of two Workers with one core each (deploy/standalone/cluster.sh) and leaves
results/<date>-<cpu>-<jdk>-scaling.json. For each net, in turn, round by round:

    one     an executor of one core trains with the whole global batch
    two     two executors of one core each share it
    apart   two runs at once, an executor of one core each: what the machine can give
    step    bench step on one thread, no Spark
    laptop  local[2], one worker of two threads
    step2   bench step on two threads
    ddp     PyTorch DistributedDataParallel over gloo, two processes of one thread

and once, for the mlp, MLlib's MultilayerPerceptronClassifier on two threads. Images a second are those of
the median step of the last half of the epochs, as the run's metrics.jsonl tells, validation excluded: an executor
compiles while it trains, and its second core may be the other executor's. Of two executors it is also told what a
step is made of. Nets that are not measured stay as a file of the same day, machine and JDK has them.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from compare import HERE, ROOT, PEERS, build, check_python, commit, cpu, default_java, jdk_version, memory_gib, slug

BATCH = 256
INPUT = "1x28x28"
# Examples of an epoch: a whole number of global batches, some seconds of one core.
NETS = {"lenet5": 20480, "mlp": 40960, "resnet20": 1280}
DDP_NETS = {"resnet20": "resnet20-digits"}
MLLIB = Path("peers/mllib")
CLUSTER = ROOT / "deploy" / "standalone" / "cluster.sh"


def main():
    options = arguments()
    if not options.no_build:
        build()
    java = options.jdk or default_java()
    rounds = {name: [] for name in options.nets}
    parts = {name: [] for name in options.nets}
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(options, java, Path(folder), parts)
        runs.cluster("start", "--workers", "2", "--cores", "1", "--memory", "3g")
        try:
            for name in options.nets:
                for number in range(options.rounds):
                    rounds[name].append(runs.round(name, number))
        finally:
            runs.cluster("stop")
        mllib = None if options.no_peers or "mlp" not in options.nets else runs.mllib()
    file = write(jdk_version(java), rounds, parts, mllib, options)
    print(f"wrote {file}")
    print(table(json.loads(file.read_text())))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--nets", nargs="+", choices=list(NETS), default=list(NETS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=8, help="the first half does not count")
    parser.add_argument("--seconds", type=float, default=5, help="of bench step and DDP")
    parser.add_argument("--jdk", metavar="JAVA_HOME", help="else JAVA_HOME")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="for train")
    parser.add_argument("--python", default=os.environ.get("BACKDRAFT_PYTHON", "python3"), help="a Python with torch")
    parser.add_argument("--no-peers", action="store_true", help="measure Backdraft alone")
    parser.add_argument("--no-build", action="store_true", help="measure the jar that is there")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    options = parser.parse_args()
    if options.rounds < 1 or options.epochs < 2:
        parser.error("--rounds must be at least 1, --epochs at least 2.")
    if not options.no_peers:
        check_python(options.python)
    return options


class Runs:
    """Runs the programs, each to its end."""

    def __init__(self, options, java, folder, parts=None):
        self.options = options
        self.folder = folder
        self.parts = {} if parts is None else parts
        self.count = 0
        self.environment = {
            **os.environ, "JAVA_HOME": str(java), "BACKDRAFT_CLUSTER_DIR": str(folder / "cluster")}

    def round(self, name, number):
        """Images a second of every form, each second round in reverse, so that drift hits all alike."""
        forms = {
            "one": lambda: self.submitted(name, 1),
            "two": lambda: self.submitted(name, 2),
            "apart": lambda: self.apart(name),
            "step": lambda: self.step(name, 1),
            "laptop": lambda: self.laptop(name),
            "step2": lambda: self.step(name, 2),
        }
        if not self.options.no_peers:
            forms["ddp"] = lambda: self.ddp(name)
        result = {}
        for form in list(forms) if number % 2 == 0 else reversed(list(forms)):
            result[form] = forms[form]()
            print(f"{name}  round {number + 1} of {self.options.rounds}  {form}: {result[form]:.1f} images/s",
                  file=sys.stderr, flush=True)
        return result

    def submitted(self, name, executors):
        out, training = self.training(name, executors, 1)
        self.run([str(CLUSTER), "submit", "--conf", f"spark.cores.max={executors}",
                  "--conf", "spark.executor.memory=2g", str(ROOT / "jobs/target/backdraft.jar"), *training])
        if executors == 2 and name in self.parts:
            self.parts[name].append(parts_of_step(out))
        return rate(out)

    def apart(self, name):
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda _: self.submitted(name, 1), range(2)))

    def laptop(self, name):
        out, training = self.training(name, 1, 2)
        self.run([str(ROOT / "bin/backdraft"), *training, "--master", "local[2]"])
        return rate(out)

    def training(self, name, workers, threads):
        self.count += 1
        out = self.folder / f"run-{self.count}"
        settings = [f"data.batch={BATCH}", *self.options.set]
        return out, ["train", "--model", name, "--data", f"digits:train={NETS[name]},val=256",
                     "--epochs", str(self.options.epochs), "--workers", str(workers), "--threads", str(threads),
                     "--out", str(out), *[word for each in settings for word in ("--set", each)]]

    def step(self, name, threads):
        told = self.run([str(ROOT / "bin/backdraft"), "bench", "step", "--model", name, "--input", INPUT,
                         "--batch", str(BATCH), "--threads", str(threads), "--seconds", str(self.options.seconds),
                         "--json"])
        return json.loads(told.splitlines()[-1])["examples_per_second"]

    def ddp(self, name):
        told = self.run([self.options.python, str(PEERS / "ddp.py"), "--model", DDP_NETS.get(name, name),
                         "--batch", str(BATCH), "--processes", "2", "--threads", "1",
                         "--seconds", str(self.options.seconds)])
        return json.loads(told.splitlines()[-1])["examples_per_second"]

    def mllib(self):
        maven = [str(ROOT / "mvnw"), "-q", "-B", "-ntp", "-f", str(HERE / MLLIB / "pom.xml")]
        classpath = HERE / MLLIB / "target" / "classpath"
        self.run([*maven, "compile", "dependency:build-classpath", f"-Dmdep.outputFile={classpath}"])
        told = self.run([f"{self.environment['JAVA_HOME']}/bin/java", f"@{ROOT / 'deploy/conf/jvm.options'}", "-Xmx4g",
                         "-cp", f"{HERE / MLLIB / 'target' / 'classes'}:{classpath.read_text().strip()}",
                         "org.backdraft.benchmarks.peers.MllibPerceptron", "2", str(NETS["mlp"]), "5"])
        result = json.loads(told.splitlines()[-1])
        print(f"mlp  MLlib {result['mllib']}: {result['examples_per_second']:.1f} images/s", file=sys.stderr, flush=True)
        return result

    def cluster(self, *words):
        self.run([str(CLUSTER), *words])

    def run(self, command):
        done = subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
        if done.returncode:
            sys.exit(f"scaling: {' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout


def counted(out):
    """What is told of the steps of the last half of the epochs."""
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "compute_ms" in line]
    last = max((line["epoch"] for line in steps), default=0)
    steps = [line for line in steps if 2 * line["epoch"] > last]
    if not steps:
        sys.exit(f"scaling: {out} tells of no steps.")
    return steps


def rate(out):
    """Images a second of the median step."""
    return statistics.median(line["examples_per_second"] for line in counted(out))


def parts_of_step(out):
    """What a step's time goes to, in ms: means over ranks and steps, and the mean of each step's slowest rank."""
    steps = counted(out)
    means = {part: statistics.mean(statistics.mean(line[f"{part}_ms"]) for line in steps)
             for part in ("compute", "communication", "waiting")}
    means["slowest_compute"] = statistics.mean(max(line["compute_ms"]) for line in steps)
    return {part: round(ms, 3) for part, ms in means.items()}


def write(jdk, rounds, parts, mllib, options):
    today = datetime.date.today().isoformat()
    options.results.mkdir(parents=True, exist_ok=True)
    file = options.results / f"{today}-{slug(cpu())}-jdk{jdk.split('.')[0]}-scaling.json"
    before = json.loads(file.read_text()) if file.exists() else {"nets": {}}
    for name, results in rounds.items():
        medians = {form: round(statistics.median(each[form] for each in results), 1) for form in results[0]}
        before["nets"][name] = {
            "commit": commit(),
            "images_per_second": medians,
            "ratios": ratios(medians, mllib if name == "mlp" else None),
            "two_ms": {part: round(statistics.median(each[part] for each in parts[name]), 3) for part in parts[name][0]},
            "rounds": results,
        }
    content = {
        "date": today,
        "machine": {"cpu": cpu(), "cpus": os.cpu_count(), "memory_gib": memory_gib()},
        "jdk": jdk,
        "batch": BATCH,
        "input": INPUT,
        "settings": options.set,
        "mllib": mllib or before.get("mllib"),
        "nets": before["nets"],
    }
    file.write_text(json.dumps(content, indent=1) + "\n")
    return file


def ratios(medians, mllib):
    pairs = {"two/one": ("two", "one"), "two/apart": ("two", "apart"), "laptop/step2": ("laptop", "step2"),
             "one/step": ("one", "step"), "two/ddp": ("two", "ddp")}
    all_ratios = {what: round(medians[a] / medians[b], 3) for what, (a, b) in pairs.items() if b in medians}
    if mllib:
        all_ratios["laptop/mllib"] = round(medians["laptop"] / mllib["examples_per_second"], 1)
    return all_ratios


def table(result):
    nets = result["nets"]
    first = next(iter(nets.values()))
    forms, what = list(first["images_per_second"]), [w for w in first["ratios"] if w != "laptop/mllib"]
    lines = ["| net | " + " | ".join(forms + what) + " |", "|---" + "|--:" * (len(forms) + len(what)) + "|"]
    for name, net in nets.items():
        cells = [f"{net['images_per_second'][form]:,.0f}" for form in forms]
        cells += [f"{net['ratios'][w]:.2f}" for w in what]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
