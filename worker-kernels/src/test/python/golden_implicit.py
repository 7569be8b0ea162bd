"""Writes the golden file of GoldenImplicitSgdTest: steps of implicit SGD in float64.

Usage (PyTorch 2.13, CPU):  python golden_implicit.py ../resources/golden

A linear model of FEATURES weights, one example a step. The features of step t are the hashes of
golden.py, stream 1, from t * FEATURES on, times 2; its target is that of stream 2, and its sign for
the logistic loss. The equation of a step, w' = w - rate * gradient(w'), is solved for w' = w + xi * x
by bisection of xi, and then checked with a gradient by autograd.

Each line of implicit.properties holds the weights after each of STEPS steps.
"""

import pathlib
import sys

import torch

from golden import signed_unit

FEATURES = 6
STEPS = 10
RATES = {"small": 0.05, "large": 20.0, "huge": 10000.0}


def squared(output, target):
    return (output - target) ** 2 / 2


def logistic(output, target):
    return torch.nn.functional.softplus(-torch.sign(target) * output)


LOSSES = {"squared-error": squared, "logistic": logistic}


def slope(loss, output, target):
    output = output.clone().requires_grad_()
    loss(output, target).backward()
    return output.grad


def step(loss, w, x, target, rate):
    """Bisection of f(xi) = xi + rate * loss'((w + xi x) x), which rises."""
    end = -rate * slope(loss, w @ x, target)
    low, high = torch.minimum(end, end * 0), torch.maximum(end, end * 0)
    for _ in range(200):
        xi = (low + high) / 2
        if xi + rate * slope(loss, (w + xi * x) @ x, target) > 0:
            high = xi
        else:
            low = xi
    result = w + (low + high) / 2 * x
    check = result.clone().requires_grad_()
    loss(check @ x, target).backward()
    residual = (result - w + rate * check.grad).abs().max()
    assert residual <= 1e-9 * max(1.0, rate), residual
    return result


def main():
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    features = 2 * signed_unit(1, STEPS * FEATURES).reshape(STEPS, FEATURES)
    targets = signed_unit(2, STEPS)
    lines = [f"# golden_implicit.py with PyTorch {torch.__version__}"]
    for name, loss in LOSSES.items():
        for size, rate in RATES.items():
            w = torch.zeros(FEATURES, dtype=torch.float64)
            numbers = []
            for t in range(STEPS):
                w = step(loss, w, features[t], targets[t], rate)
                numbers += w.tolist()
            lines.append(f"{name}-{size}={' '.join(repr(v) for v in numbers)}")
    (folder / "implicit.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
