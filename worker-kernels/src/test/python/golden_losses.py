"""Writes the golden file of GoldenLossesTest: losses of PyTorch and their gradients in float64.

Usage (PyTorch 2.13, CPU):  python golden_losses.py ../resources/golden

Outputs are four times the hashes of golden.py, stream 1, labels those of stream 2 modulo CLASSES.
Each line of losses.properties holds the loss (reduction "mean") and then its gradient with respect
to all outputs, in order (n, classes) or (n, h, w, classes).

Of a mixed example the second label is that of stream 3, and the share of the first the magnitude of
stream 4; the sum is divided by that of both labels' weights in the same shares.

Of heads the class is the label modulo 3, the numbers are those of stream 5.
"""

import pathlib
import sys

import torch
from torch.nn import functional as F

from golden import hash32, signed_unit

EXAMPLES = 5
CLASSES = 7
HEIGHT = 2
WIDTH = 2
IGNORED = 3
WEIGHTS = torch.tensor([0.5, 1.25, 2.0, 1.0, 0.25, 3.0, 0.75], dtype=torch.float64)


def one_hot(labels):
    return F.one_hot(labels, CLASSES).double()


VECTORS = {
    "squared-error": lambda x, y: ((x - one_hot(y)) ** 2).sum() / 2 / EXAMPLES,
    "mse": lambda x, y: F.mse_loss(x, one_hot(y)),
    "l1": lambda x, y: F.l1_loss(x, one_hot(y)),
    "huber": lambda x, y: F.huber_loss(x, one_hot(y), delta=0.75),
    "hinge": lambda x, y: F.multi_margin_loss(x, y, margin=0.75),
    "binary-cross-entropy": lambda x, y: F.binary_cross_entropy_with_logits(x, one_hot(y)),
}

ANY = {
    "softmax-cross-entropy": lambda x, y: F.cross_entropy(x, y),
    "smoothed": lambda x, y: F.cross_entropy(x, y, label_smoothing=0.125),
    "weighted": lambda x, y: F.cross_entropy(x, y, weight=WEIGHTS),
    "both": lambda x, y: F.cross_entropy(x, y, weight=WEIGHTS, label_smoothing=0.125),
    "ignored": lambda x, y: F.cross_entropy(
        x, y, weight=WEIGHTS, label_smoothing=0.125, ignore_index=IGNORED
    ),
}

WEIGHTED = {"weight": WEIGHTS, "label_smoothing": 0.125}

MIXED = {
    "softmax-cross-entropy": lambda x, y: F.cross_entropy(x, y, reduction="none"),
    "smoothed": lambda x, y: F.cross_entropy(x, y, label_smoothing=0.125, reduction="none"),
    "both": lambda x, y: F.cross_entropy(x, y, **WEIGHTED, reduction="none"),
    "ignored": lambda x, y: F.cross_entropy(
        x, y, **WEIGHTED, ignore_index=IGNORED, reduction="none"
    ),
    "hinge": lambda x, y: F.multi_margin_loss(x, y, margin=0.75, reduction="none"),
    "binary-cross-entropy": lambda x, y: F.binary_cross_entropy_with_logits(
        x, one_hot(y), reduction="none"
    ).mean(1),
}


def weight(name, y):
    if name == "both":
        return WEIGHTS[y]
    if name == "ignored":
        return WEIGHTS[y] * (y != IGNORED)
    return torch.ones(y.shape, dtype=torch.float64)


def mixed(name, x):
    first, second = labels((EXAMPLES,)), labels((EXAMPLES,), 3)
    share = signed_unit(4, EXAMPLES).abs()
    both = [(share, first), (1 - share, second)]
    total = sum((s * weight(name, y)).sum() for s, y in both)
    return sum((s * MIXED[name](x, y)).sum() for s, y in both) / total


def heads(x):
    """A class of 3, two numbers and two more, of the outputs 0 to 2, 3 and 4, 5 and 6."""
    kind = labels((EXAMPLES,)) % 3
    numbers = signed_unit(5, 4 * EXAMPLES).reshape(EXAMPLES, 4)
    return (
        0.5 * F.cross_entropy(x[:, 0:3], kind, label_smoothing=0.125)
        + 3 * F.mse_loss(x[:, 3:5], numbers[:, 0:2])
        + 0.25 * F.huber_loss(x[:, 5:7], numbers[:, 2:4], delta=0.75)
    )


def values(shape):
    count = 1
    for dim in shape:
        count *= dim
    return (4 * signed_unit(1, count)).reshape(shape).requires_grad_()


def labels(shape, stream=2):
    count = 1
    for dim in shape:
        count *= dim
    return (hash32(stream, torch.arange(count, dtype=torch.int64)) % CLASSES).reshape(shape)


def line(name, loss, x):
    loss.backward()
    numbers = [loss.item()] + x.grad.reshape(-1).tolist()
    return f"{name}={' '.join(repr(v) for v in numbers)}"


def main():
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    lines = [f"# golden_losses.py with PyTorch {torch.__version__}"]
    for name, loss in {**VECTORS, **ANY}.items():
        x = values((EXAMPLES, CLASSES))
        lines.append(line(name, loss(x, labels((EXAMPLES,))), x))
    for name, loss in ANY.items():
        x = values((EXAMPLES, HEIGHT, WIDTH, CLASSES))
        y = labels((EXAMPLES, HEIGHT, WIDTH))
        lines.append(line("pixels-" + name, loss(x.permute(0, 3, 1, 2), y), x))
    for name in MIXED:
        x = values((EXAMPLES, CLASSES))
        lines.append(line("mixed-" + name, mixed(name, x), x))
    x = values((EXAMPLES, CLASSES))
    lines.append(line("heads", heads(x), x))
    (folder / "losses.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
