#!/usr/bin/env python3
"""Writes the tables of measurements into the READMEs, from the newest result file of each CPU and JDK.

    benchmarks/table.py           # writes
    benchmarks/table.py --check   # fails where a table is not that of the newest files
"""

import json
import sys
from pathlib import Path

BEGIN = "<!-- measurements: written by benchmarks/table.py, do not edit -->"
END = "<!-- end of measurements -->"
READMES = ("README.md", "benchmarks/README.md")


def render(result):
    """One result file as Markdown."""
    machine = result["machine"]
    peak = f", {machine['peak_gflops']:.0f} GFLOP/s at most" if machine["peak_gflops"] else ""
    torch = f"; PyTorch {result['torch']}" if result["torch"] else ""
    lines = [
        f"{machine['cpu']}, {result['threads']} threads{peak}; JDK {result['jdk']}{torch}; "
        f"{result['date']}, commit {result['commit']}; medians of {result['rounds']} rounds of "
        f"{result['seconds']:g} s.",
        "",
        "| net | batch | Backdraft | of peak | MiB | PyTorch, stock | times | PyTorch, strongest | times | MiB |",
        "|---|--:|--:|--:|--:|---|--:|---|--:|--:|",
    ]
    for name, net in result["nets"].items():
        lines.append("| " + " | ".join(cells(name, net)) + " |")
    return "\n".join(lines) + "\n"


def cells(name, net):
    if "backdraft" not in net:
        return [name, str(net["batch"]), "not measured", *[""] * 7]
    own = net["backdraft"]
    fraction = own["peak_fraction"]
    return [
        name,
        str(net["batch"] or "n = 1024"),
        milliseconds(own["ms"]),
        "" if fraction is None else f"{100 * fraction:.0f} %",
        whole(own["resident_mib"]),
        *peer(net["stock"]),
        *peer(net["strongest"]),
        whole((net["strongest"] or {}).get("resident_mib")),
    ]


def peer(measured):
    if measured is None:
        return ["", ""]
    return [f"{milliseconds(measured['ms'])} ({measured['form']})", f"**{measured['ratio']:.2f}**"]


def milliseconds(value):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} ms"


def whole(value):
    return "" if value is None else f"{value:.0f}"


def newest(results):
    """The newest file of each CPU and JDK; names are <date>-<cpu>-<jdk>.json."""
    files = {}
    for file in sorted(results.glob("*-jdk[0-9][0-9].json")):
        files[file.name[len("2026-01-01-"):]] = file
    return [json.loads(file.read_text()) for _, file in sorted(files.items())]


def updated(text, tables):
    """The text with what stands between the markers replaced; as it is where there are none."""
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        return text
    return text[:begin] + BEGIN + "\n" + "\n".join(["", *tables]) + END + text[end + len(END):]


def update(root, check=False):
    """Returns the READMEs whose tables are not, or were not, those of the newest files."""
    tables = [render(result) + "\n" for result in newest(root / "benchmarks" / "results")]
    stale = []
    for name in READMES:
        file = root / name
        old = file.read_text(encoding="utf-8")
        new = updated(old, tables or ["No measurements yet.\n\n"])
        if new != old:
            stale.append(name)
            if not check:
                file.write_text(new, encoding="utf-8")
    return stale


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = update(Path(__file__).resolve().parent.parent, check)
    if check and stale:
        sys.exit(f"The tables of {', '.join(stale)} are not those of benchmarks/results: run benchmarks/table.py.")


if __name__ == "__main__":
    main()
