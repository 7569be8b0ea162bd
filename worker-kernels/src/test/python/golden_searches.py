"""Writes the golden file of GoldenSearchTest: ten iterations in float64 of PyTorch's LBFGS, and of BFGS
with PyTorch's line search.

Usage (PyTorch 2.13, CPU):  python golden_searches.py ../resources/golden

The loss is a logistic regression with a ridge, sum over i of log(1 + exp(a_i . x)) / ROWS
+ RIDGE / 2 * |x|^2, over ROWS rows a_i of COUNT hashes of golden.py, stream 200, times 4; x starts
with stream 201. searches.properties holds the weights after each iteration and how many evaluations
there had been, with the first size of the paper and with one that is too long.
"""

import pathlib
import sys

import torch
from torch.optim import lbfgs

from golden import signed_unit

COUNT = 12
ROWS = 40
RIDGE = 0.01
ITERATIONS = 10


class Loss:
    """Counts how often it is evaluated."""

    def __init__(self):
        self.rows = 4 * signed_unit(200, ROWS * COUNT).double().reshape(ROWS, COUNT)
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return torch.nn.functional.softplus(self.rows @ x).sum() / ROWS + RIDGE / 2 * (x * x).sum()

    def with_gradient(self, x):
        x = x.detach().requires_grad_()
        value = self(x)
        value.backward()
        return value.item(), x.grad


def start():
    return signed_unit(201, COUNT).double()


def run_lbfgs(lr, iterations):
    loss = Loss()
    x = torch.nn.Parameter(start())
    optimizer = torch.optim.LBFGS(
        [x],
        lr=lr,
        max_iter=iterations,
        max_eval=1000,
        tolerance_grad=0,
        history_size=4,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        value = loss(x)
        value.backward()
        return value

    optimizer.step(closure)
    return x.tolist(), loss.calls


def run_bfgs(lr, iterations):
    """Nocedal and Wright 2006, algorithm 6.1: equation 6.17, scaled at first by equation 6.20."""
    loss = Loss()
    x = start()
    value, gradient = loss.with_gradient(x)
    identity = torch.eye(COUNT, dtype=torch.float64)
    h = identity
    size = min(1.0, 1.0 / gradient.abs().sum().item()) * lr
    for iteration in range(iterations):
        direction = -h @ gradient
        before = gradient
        value, gradient, size, _ = lbfgs._strong_wolfe(
            lambda x, t, d: loss.with_gradient(x + t * d),
            x, size, direction, value, gradient, (gradient @ direction).item())
        s, y = size * direction, gradient - before
        x = x + s
        if iteration == 0:
            h = (y @ s) / (y @ y) * identity
        left = identity - torch.outer(s, y) / (y @ s)
        h = left @ h @ left.T + torch.outer(s, s) / (y @ s)
        size = lr
    return x.tolist(), loss.calls


def main():
    lines = [f"# golden_searches.py with PyTorch {torch.__version__}"]
    for method, run in {"lbfgs": run_lbfgs, "bfgs": run_bfgs}.items():
        for name, lr in {"plain": 1, "far": 12}.items():
            for iteration in range(ITERATIONS):
                x, evaluations = run(lr, iteration + 1)
                key = f"{method}.{name}"
                lines.append(f"{key}.x{iteration}={' '.join(repr(v) for v in x)}")
                lines.append(f"{key}.evaluations{iteration}={evaluations}")
    pathlib.Path(sys.argv[1], "searches.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
