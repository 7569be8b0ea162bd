"""Writes embedding.properties, the golden values of GoldenEmbeddingTest: PyTorch in float64.

Usage (PyTorch 2.13, CPU):  python golden_embedding.py ../resources/golden

A bag of words with a padding index, whose mean is over all positions, trained by momentum. Weights,
indices and labels are functions of integer hashes (see GoldenData.java, which has the same formulas).
"""

import pathlib
import sys

import torch
from golden import hash32, initial_value
from torch import nn

ROWS = 11
WIDTH = 5
PADDING = 2
LENGTH = 6
CLASSES = 3
EXAMPLES = 10
STEPS = 4


def main():
    embedding = nn.Embedding(ROWS, WIDTH, padding_idx=PADDING, dtype=torch.float64)
    fc = nn.Linear(WIDTH, CLASSES, dtype=torch.float64)
    with torch.no_grad():
        embedding.weight.copy_(initial_value("embedding.weight", (ROWS, WIDTH)))
        embedding.weight[PADDING] = 0
        fc.weight.copy_(initial_value("fc.weight", (CLASSES, WIDTH)))
        fc.bias.copy_(initial_value("fc.bias", (CLASSES,)))
    parameters = [*embedding.parameters(), *fc.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.3, momentum=0.9)
    indices = (hash32(91, torch.arange(EXAMPLES * LENGTH)) % ROWS).reshape(EXAMPLES, LENGTH)
    labels = hash32(92, torch.arange(EXAMPLES)) % CLASSES
    lines = [f"# golden_embedding.py with PyTorch {torch.__version__}"]
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(fc(embedding(indices).mean(1)), labels)
        loss.backward()
        if step == 0:
            gradient = embedding.weight.grad.reshape(-1).tolist()
            lines.append(f"gradient={' '.join(repr(v) for v in gradient)}")
        lines.append(f"loss{step}={loss.item()!r}")
        optimizer.step()
    for name, values in (("embedding", embedding.weight), ("fc", fc.weight), ("bias", fc.bias)):
        lines.append(f"{name}={' '.join(repr(v) for v in values.reshape(-1).tolist())}")
    pathlib.Path(sys.argv[1], "embedding.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
