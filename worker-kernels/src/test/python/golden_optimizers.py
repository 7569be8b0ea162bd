"""Writes the golden file of GoldenOptimizersTest: ten steps of each optimizer in float64, of PyTorch
where it has one, else (LARS, LAMB, Barzilai-Borwein) of the paper's algorithm written with its tensors.

Usage (PyTorch 2.13, CPU):  python golden_optimizers.py ../resources/golden

One tensor of COUNT weights starts with the hashes of golden.py, stream 1; the gradient of step t is
that of stream 100 + t plus a quarter of the weights, so that it depends on what came before. Each
line of optimizers.properties holds the weights after the last step, and under NAME.noise how far
PyTorch's own float32 is away, relative to how far the weights have moved. average-NAME is what its
AveragedModel makes of the weights after each step of momentum.
"""

import pathlib
import sys

import torch
from torch.optim import swa_utils

from golden import signed_unit

COUNT = 37
STEPS = 10


class Lars(torch.optim.Optimizer):
    """You, Gitman and Ginsburg 2017, algorithm 1, with one tensor."""

    def __init__(self, tensors, lr, momentum, trust, weight_decay):
        super().__init__(tensors, dict(lr=lr, m=momentum, trust=trust, decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                local = group["trust"] * w.norm() / (w.grad.norm() + group["decay"] * w.norm())
                v = self.state[w].setdefault("v", torch.zeros_like(w))
                v.mul_(group["m"]).add_(group["lr"] * local * (w.grad + group["decay"] * w))
                w.sub_(v)


class Lamb(torch.optim.Optimizer):
    """You et al. 2020, algorithm 2 with phi(z) = z, with one tensor."""

    def __init__(self, tensors, lr, betas, eps, weight_decay):
        super().__init__(tensors, dict(lr=lr, betas=betas, eps=eps, decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for w in group["params"]:
                state = self.state[w]
                m = state.setdefault("m", torch.zeros_like(w))
                v = state.setdefault("v", torch.zeros_like(w))
                state["t"] = t = state.get("t", 0) + 1
                m.mul_(beta1).add_((1 - beta1) * w.grad)
                v.mul_(beta2).add_((1 - beta2) * w.grad * w.grad)
                root = (v / (1 - beta2**t)).sqrt() + group["eps"]
                r = m / (1 - beta1**t) / root + group["decay"] * w
                w.sub_(group["lr"] * w.norm() / r.norm() * r)


class BarzilaiBorwein(torch.optim.Optimizer):
    """Barzilai and Borwein 1988, equation 5, with the absolute value, with one tensor."""

    def __init__(self, tensors, lr, weight_decay):
        super().__init__(tensors, dict(lr=lr, decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                gradient = w.grad + group["decay"] * w
                before = self.state[w]
                rate = group["lr"]
                if before:
                    s, y = w - before["w"], gradient - before["gradient"]
                    rate = (s @ y).abs() / (y @ y)
                before["w"], before["gradient"] = w.clone(), gradient
                w.sub_(rate * gradient)


RULES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1),
    "nesterov": lambda p: torch.optim.SGD(
        p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1
    ),
    "adam": lambda p: torch.optim.Adam(p),
    "adam-decay": lambda p: torch.optim.Adam(p, lr=0.02, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p),
    "adamw-decay": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.5),
    "rmsprop": lambda p: torch.optim.RMSprop(p),
    "rmsprop-momentum": lambda p: torch.optim.RMSprop(
        p, lr=0.005, momentum=0.8, weight_decay=0.1
    ),
    "rmsprop-centered": lambda p: torch.optim.RMSprop(p, lr=0.005, alpha=0.9, centered=True),
    "rmsprop-both": lambda p: torch.optim.RMSprop(
        p, lr=0.005, alpha=0.9, centered=True, momentum=0.8
    ),
    "adagrad": lambda p: torch.optim.Adagrad(p),
    "adagrad-decay": lambda p: torch.optim.Adagrad(
        p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.5, weight_decay=0.1
    ),
    "rprop": lambda p: torch.optim.Rprop(p),
    "rprop-steps": lambda p: torch.optim.Rprop(
        p, lr=0.1, etas=(0.4, 1.5), step_sizes=(0.05, 0.3)
    ),
    "lars": lambda p: Lars(p, lr=1.0, momentum=0.9, trust=0.02, weight_decay=0.1),
    "lamb": lambda p: Lamb(p, lr=0.02, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.3),
    "barzilai-borwein": lambda p: BarzilaiBorwein(p, lr=0.05, weight_decay=0.1),
    "clip": lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9, weight_decay=0.1),
    "clip-value": lambda p: torch.optim.Adam(p, lr=0.02, weight_decay=0.1),
}


AVERAGES = {
    "average-ema": lambda m: swa_utils.AveragedModel(m, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.9)),
    "average-polyak": lambda m: swa_utils.AveragedModel(m),
}


def run(rule, dtype):
    model = torch.nn.ParameterDict({"w": signed_unit(1, COUNT).to(dtype)})
    w = model["w"]
    average = AVERAGES[rule](model) if rule in AVERAGES else None
    optimizer = RULES["momentum" if average else rule]([w])
    for step in range(1, STEPS + 1):
        w.grad = signed_unit(100 + step, COUNT).to(dtype) + w.detach() / 4
        if rule == "clip":
            torch.nn.utils.clip_grad_norm_([w], 1.5)
        if rule == "clip-value":
            torch.nn.utils.clip_grad_value_([w], 0.3)
        optimizer.step()
        if average:
            average.update_parameters(model)
    return (average.module["w"] if average else w).detach().double()


def main():
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    lines = [f"# golden_optimizers.py with PyTorch {torch.__version__}"]
    start = signed_unit(1, COUNT)
    for rule in [*RULES, *AVERAGES]:
        exact = run(rule, torch.float64)
        noise = ((run(rule, torch.float32) - exact).norm() / (exact - start).norm()).item()
        lines.append(f"{rule}={' '.join(repr(x) for x in exact.tolist())}")
        lines.append(f"{rule}.noise={noise!r}")
        print(f"{rule}: noise {noise:.2e}")
    (folder / "optimizers.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
