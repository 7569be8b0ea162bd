#!/usr/bin/env python3
"""Runs recipes as a user would, and keeps how long each took and what it reached.

    benchmarks/recipes.py --jdk /usr/lib/jvm/jdk-17 --data DIR lenet5-adam softmax-lbfgs

DIR holds mnist/, membrane/ and photos/, as far as the recipes need them; without names all recipes run, which takes
hours. Leaves results/<date>-<cpu>-<jdk>-recipes.json; what is not run stays as a file of the same day, machine and JDK
has it. A recipe that another one goes on from (fine-tuning-base, distillation-teacher) runs before it. The exit code is
1 when a recipe misses what it promises.
"""

import argparse
import csv
import datetime
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare import HERE, ROOT, build, commit, cpu, default_java, jdk_version, memory_gib, slug

FOLDERS = {"idx:DIR": "mnist", "segmentation:DIR": "membrane", "imagefolder:DIR": "photos"}
BEFORE = {"fine-tuning": "fine-tuning-base", "distillation": "distillation-teacher"}
# Of summary.json, beside what the recipe promises.
KEPT = ("parameters", "epochs", "train_seconds", "weights_sha256")


def main():
    options = arguments()
    if not options.no_build:
        build()
    java = options.jdk or default_java()
    known = {recipe["name"]: recipe for recipe in json.loads(backdraft(java, "recipes", "--json").stdout)}
    if strangers := set(options.recipes) - set(known):
        sys.exit(f"recipes: there is none named {', '.join(sorted(strangers))}.")
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        for name in options.recipes or known:
            if (before := BEFORE.get(name)) and not (runs / before).exists():
                run(java, known[before], options, runs)
            result = run(java, known[name], options, runs)
            file = write(jdk_version(java), name, result, options)
            print(f"{name}: {result['seconds']} s, {result['reached']}, {'kept' if result['kept'] else 'MISSED'}", flush=True)
            missed += [] if result["kept"] else [name]
    print(f"wrote {file}")
    if missed:
        sys.exit("recipes: NOT what they promise: " + ", ".join(missed))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipes", nargs="*", help="their names; else all")
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data sets")
    parser.add_argument("--note", default="", help="kept with each result, such as what else the machine did")
    parser.add_argument("--jdk", metavar="JAVA_HOME", help="else JAVA_HOME")
    parser.add_argument("--no-build", action="store_true", help="run the jar that is there")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where the file goes")
    return parser.parse_args()


def run(java, recipe, options, runs):
    out = runs / recipe["name"]
    words = ["train", "--recipe", recipe["name"], *needed(recipe, options.data, runs), "--out", str(out)]
    begun = time.monotonic()
    done = backdraft(java, *words, check=False)
    seconds = round(time.monotonic() - begun, 1)
    if done.returncode:
        sys.exit(f"recipes: {shlex.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    summary = json.loads((out / "summary.json").read_text())
    reached = {key: summary.get(key) for key in recipe["expected"]}
    kept = all(holds(recipe, key, reached[key]) for key in reached)
    more = {key: summary[key] for key in KEPT if key in summary}
    if (out / "results.csv").exists():
        with open(out / "results.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        more["epoch_by_epoch"] = {key: [round(float(row[key]), 5) for row in rows] for key in reached if key in rows[0]}
    return {"seconds": seconds, "reached": reached, "kept": kept, **more, "note": options.note}


def needed(recipe, data, runs):
    """The options that the recipe needs, with folders for what its list calls DIR and RUN."""
    words = shlex.split(recipe["needs"].split(",")[0])
    if recipe["name"] in BEFORE:
        words = [word.replace("RUN", str(runs / BEFORE[recipe["name"]])) for word in words]
    return [word.replace("DIR", str(data / FOLDERS[word])) if word in FOLDERS else word for word in words]


def holds(recipe, key, reached):
    expected = recipe["expected"][key]
    if not recipe["config"]:  # a lesson: the very values
        return reached == expected
    return reached <= expected if key.endswith("loss") else reached >= expected


def backdraft(java, *words, check=True):
    environment = {**os.environ, "JAVA_HOME": str(java)}
    return subprocess.run(
        [str(ROOT / "bin" / "backdraft"), *words], env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=check)


def write(jdk, name, result, options):
    today = datetime.date.today().isoformat()
    options.results.mkdir(parents=True, exist_ok=True)
    file = options.results / f"{today}-{slug(cpu())}-jdk{jdk.split('.')[0]}-recipes.json"
    before = json.loads(file.read_text()) if file.exists() else {"recipes": {}}
    content = {
        "date": today,
        "machine": {"cpu": cpu(), "cpus": len(os.sched_getaffinity(0)), "memory_gib": memory_gib()},
        "jdk": jdk,
        "recipes": dict(sorted({**before["recipes"], name: {"commit": commit(), **result}}.items())),
    }
    file.write_text(json.dumps(content, indent=1) + "\n")
    return file


if __name__ == "__main__":
    main()
