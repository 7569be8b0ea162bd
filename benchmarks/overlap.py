#!/usr/bin/env python3
"""Measures what it is worth that parameters arrive while the next forward pass begins.

    benchmarks/overlap.py --jdk /usr/lib/jvm/jdk-17

Two ranks of one thread each train the mlp over links of several speeds (OverlapRates); it leaves
results/<date>-<cpu>-<jdk>-overlap.json and prints the table. Measure on a machine that does nothing else.
"""

import argparse
import json
import subprocess
from pathlib import Path

from compare import HERE, build, default_java, slug
from scaling_model import head

MAIN = "org.backdraft.benchmarks.OverlapRates"
NET = ["mlp", "1x28x28", "256"]
BUCKET_BYTES = "262144"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mbytes", nargs="+", default=["100", "200", "1000"], help="a second, of the links")
    parser.add_argument("--jdk", metavar="JAVA_HOME", help="else JAVA_HOME")
    parser.add_argument("--no-build", action="store_true", help="measure the jar that is there")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    options = parser.parse_args()
    if not options.no_build:
        build("benchmarks")
    java = options.jdk or default_java()
    command = [f"{java}/bin/java", "--add-modules", "jdk.incubator.vector", "-XX:+UseParallelGC", "-cp",
               str(HERE / "target" / "benchmarks.jar"), MAIN]
    rows = []
    for mbytes in options.mbytes:
        told = subprocess.run([*command, *NET, mbytes, BUCKET_BYTES], check=True, capture_output=True, text=True)
        rows.append(json.loads(told.stdout))
    content = {**head(java), "steps": rows}
    name = f"{content['date']}-{slug(content['machine']['cpu'])}-jdk{content['jdk'].split('.')[0]}-overlap.json"
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / name).write_text(json.dumps(content, indent=1) + "\n")
    print("| MB/s | awaited | arriving |\n|--:|--:|--:|")
    for row in rows:
        print(f"| {row['link_mbytes']} | {row['awaited_ms']:.1f} ms | {row['arriving_ms']:.1f} ms |")


if __name__ == "__main__":
    main()
