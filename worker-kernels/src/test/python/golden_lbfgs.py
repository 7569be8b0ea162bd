"""Writes the golden file of GoldenLbfgsTest: ten iterations of PyTorch's LBFGS in float64.

Usage (PyTorch 2.13, CPU):  python golden_lbfgs.py ../resources/golden

The loss is a logistic regression with a ridge, sum over i of log(1 + exp(a_i . x)) / ROWS
+ RIDGE / 2 * |x|^2, over ROWS rows a_i of COUNT hashes of golden.py, stream 200, times 4; x starts
with stream 201. lbfgs.properties holds the weights after each iteration and how many evaluations
there had been, with the first size of the paper and with one that is too long.
"""

import pathlib
import sys

import torch

from golden import signed_unit

COUNT = 12
ROWS = 40
RIDGE = 0.01
ITERATIONS = 10


def run(lr, iterations):
    a = 4 * signed_unit(200, ROWS * COUNT).double().reshape(ROWS, COUNT)
    x = torch.nn.Parameter(signed_unit(201, COUNT).double())
    optimizer = torch.optim.LBFGS(
        [x],
        lr=lr,
        max_iter=iterations,
        max_eval=1000,
        tolerance_grad=0,
        history_size=4,
        line_search_fn="strong_wolfe",
    )
    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        loss = torch.nn.functional.softplus(a @ x).sum() / ROWS + RIDGE / 2 * (x * x).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return x.tolist(), calls


def main():
    lines = [f"# golden_lbfgs.py with PyTorch {torch.__version__}"]
    for name, lr in {"plain": 1, "far": 12}.items():
        for iteration in range(ITERATIONS):
            x, evaluations = run(lr, iteration + 1)
            lines.append(f"{name}.x{iteration}={' '.join(repr(v) for v in x)}")
            lines.append(f"{name}.evaluations{iteration}={evaluations}")
    pathlib.Path(sys.argv[1], "lbfgs.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
