#!/usr/bin/env python3
"""Holds the scaling model (docs/scaling.md) to what it predicts.

    benchmarks/scaling_model.py --jdk /usr/lib/jvm/jdk-17               # 4, 8 and 16 ranks
    benchmarks/scaling_model.py --jdk /usr/lib/jvm/jdk-17 --training    # 2 ranks

The first runs the real collectives over links so slow that the cores idle, computing replaced by sleeping
(ScalingValidation): it may run beside other work, takes three minutes and leaves
results/<date>-<cpu>-scaling-model.json. The second predicts a step of two workers from measurements of one, then
trains with two executors of one core each; it needs a machine that does nothing else and leaves
results/<date>-<cpu>-scaling-model-training.json. Predictions are written before what they predict is run.
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

import scaling
from compare import HERE, ROOT, build, commit, cpu, default_java, jdk_version, memory_gib, slug

MAIN = "org.backdraft.benchmarks.ScalingValidation"
WORKERS = 2


def main():
    options = arguments()
    java = options.jdk or default_java()
    if options.training:
        if not options.no_build:
            build()
        Training(options, java).run()
    else:
        if not options.no_build:
            build("benchmarks")
        collectives(options, java)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--training", action="store_true", help="two ranks that train, instead of 4, 8 and 16")
    parser.add_argument("--nets", nargs="+", choices=list(scaling.NETS), default=list(scaling.NETS), help="to train")
    parser.add_argument("--rounds", type=int, default=3, help="trainings of each net")
    parser.add_argument("--epochs", type=int, default=8, help="of each training; the first half does not count")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement of one worker")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="for train")
    parser.add_argument("--jdk", metavar="JAVA_HOME", help="else JAVA_HOME")
    parser.add_argument("--no-build", action="store_true", help="measure the jar that is there")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    options = parser.parse_args()
    if options.rounds < 1 or options.epochs < 2:
        parser.error("--rounds must be at least 1, --epochs at least 2.")
    return options


def collectives(options, java):
    """Writes what is told after every line, so that a prediction lies in the file before its measurement."""
    content = {**head(java), "fitted": {}, "predicted": [], "measured": []}
    command = [f"{java}/bin/java", "--add-modules", "jdk.incubator.vector", "-cp",
               str(HERE / "target" / "benchmarks.jar"), MAIN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            told = json.loads(line)
            what = told.pop("what")
            if what == "fitted":
                content[what] = told
            else:
                content[what].append(told)
            file = write(content, options, "scaling-model")
            print(what, told, file=sys.stderr, flush=True)
    if process.returncode:
        sys.exit(f"scaling_model: {MAIN} ended with {process.returncode}.")
    content["errors_percent"] = [
        {"ranks": p["ranks"], "algorithm": p["algorithm"], "error": error(p["step_ms"], m["step_ms"])}
        for p, m in zip(content["predicted"], content["measured"])]
    file = write(content, options, "scaling-model")
    print(f"wrote {file}")
    print("| ranks | algorithm | predicted ms | measured ms | error |\n|--:|---|--:|--:|--:|")
    for p, m in zip(content["predicted"], content["measured"]):
        print(f"| {p['ranks']} | {p['algorithm']} | {p['step_ms']:.0f} | {m['step_ms']:.0f} "
              f"| {error(p['step_ms'], m['step_ms']):+.1f} % |")


class Training:
    """Two workers, predicted and then run."""

    def __init__(self, options, java):
        self.options = options
        self.java = java

    def run(self):
        content = {**head(self.java), "batch": scaling.BATCH, "input": scaling.INPUT, "settings": self.options.set,
                   "predicted": {}, "measured": {}, "errors_percent": {}}
        with tempfile.TemporaryDirectory() as folder:
            runs = scaling.Runs(self.options, self.java, Path(folder))
            for name in self.options.nets:
                content["predicted"][name] = self.predict(runs, name)
                write(content, self.options, "scaling-model-training")
            runs.cluster("start", "--workers", "2", "--cores", "1", "--memory", "3g")
            try:
                for name in self.options.nets:
                    times = [1e3 * scaling.BATCH / runs.submitted(name, WORKERS) for _ in range(self.options.rounds)]
                    measured = statistics.median(times)
                    content["measured"][name] = {"step_ms": measured, "rounds": times}
                    content["errors_percent"][name] = error(content["predicted"][name]["step_ms"], measured)
                    file = write(content, self.options, "scaling-model-training")
            finally:
                runs.cluster("stop")
        print(f"wrote {file}")
        for name, percent in content["errors_percent"].items():
            print(f"{name}: {content['predicted'][name]['step_ms']:.2f} ms predicted, "
                  f"{content['measured'][name]['step_ms']:.2f} ms measured, {percent:+.1f} %")

    def predict(self, runs, name):
        """The passes as two at once take them, since they share a memory; what links cost, by one process."""
        words = ["bench", "scaling", "--model", name, "--input", scaling.INPUT, "--batch",
                 str(scaling.BATCH // WORKERS), "--ranks", str(WORKERS), "--threads", "1", "--json"]

        def bench(*more):
            told = runs.run([str(ROOT / "bin/backdraft"), *words, *more])
            return json.loads(told.splitlines()[-1])

        seconds = ["--seconds", str(self.options.seconds)]
        with ThreadPoolExecutor(WORKERS) as pool:
            workers = list(pool.map(lambda _: bench(*seconds, "--latency-us", "0", "--bandwidth-mbytes", "1",
                                                    "--add-gbytes", "1"), range(WORKERS)))
        links = bench("--compute-ms", "1")
        given = {key: statistics.mean(each[key] for each in workers) for key in ("compute_ms", "update_ms", "jitter")}
        given.update({key: links[key] for key in ("latency_us", "bandwidth_mbytes", "add_gbytes")})
        options = [word for key, value in given.items() for word in ("--" + key.replace("_", "-"), str(value))]
        return {**given, **bench(*options)["predictions"][0]}


def error(predicted, measured):
    return round(100 * (predicted / measured - 1), 1)


def head(java):
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "machine": {"cpu": cpu(), "cpus": os.cpu_count(), "memory_gib": memory_gib()},
        "jdk": jdk_version(java),
    }


def write(content, options, kind):
    options.results.mkdir(parents=True, exist_ok=True)
    file = options.results / f"{content['date']}-{slug(content['machine']['cpu'])}-{kind}.json"
    file.write_text(json.dumps(content, indent=1) + "\n")
    return file


if __name__ == "__main__":
    main()
