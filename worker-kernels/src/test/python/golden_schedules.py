"""Writes the golden file of GoldenSchedulesTest: the learning rates of PyTorch's schedulers.

Usage (PyTorch 2.13, CPU):  python golden_schedules.py ../resources/golden

Each line of schedules.properties holds the rates of all STEPS steps, EPOCH of which are an epoch.
Schedulers that Backdraft counts in epochs are stepped at the ends of epochs, all others with each
step. The lines plateau* hold the rates after each value of VALUES.
"""

import pathlib
import sys

import torch
from torch.optim import lr_scheduler as s

LR = 0.8
EPOCH = 5
STEPS = 40
VALUES = [1.0, 0.9, 0.9, 0.95, 0.89995, 0.91, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7]


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=LR)


def rates(make, per_epoch=False, steps=STEPS):
    o = optimizer()
    schedule = make(o)
    values = []
    for step in range(steps):
        values.append(o.param_groups[0]["lr"])
        o.step()
        if not per_epoch or step % EPOCH == EPOCH - 1:
            if step < steps - 1 or not isinstance(schedule, s.OneCycleLR):
                schedule.step()
    return values


def warmed(steps, start, per_epoch, then):
    """Steps of the rise, then those of a scheduler that begins with them over."""
    o = optimizer()
    rise = s.LinearLR(o, start_factor=start, total_iters=steps)
    values = []
    for _ in range(steps):
        values.append(o.param_groups[0]["lr"])
        o.step()
        rise.step()
    return values + rates(then, per_epoch, STEPS - steps)


def sequential(steps, start):
    def make(o):
        rise = s.LinearLR(o, start_factor=start, total_iters=steps)
        then = s.CosineAnnealingLR(o, STEPS - steps, eta_min=0.01)
        return s.SequentialLR(o, [rise, then], milestones=[steps])

    return rates(make)


def plateau(**settings):
    o = optimizer()
    schedule = s.ReduceLROnPlateau(o, **settings)
    values = []
    for value in VALUES:
        schedule.step(value)
        values.append(o.param_groups[0]["lr"])
    return values


def main():
    lines = {
        "step": rates(lambda o: s.StepLR(o, 2, 0.5), True),
        "multi-step": rates(lambda o: s.MultiStepLR(o, [1, 3, 6], 0.2), True),
        "exponential": rates(lambda o: s.ExponentialLR(o, 0.9), True),
        "polynomial": rates(lambda o: s.PolynomialLR(o, STEPS, 2.0)),
        "linear": rates(lambda o: s.PolynomialLR(o, STEPS, 1.0)),
        "cosine": rates(lambda o: s.CosineAnnealingLR(o, STEPS)),
        "cosine-end": rates(lambda o: s.CosineAnnealingLR(o, STEPS, eta_min=0.05)),
        "one-cycle": rates(lambda o: s.OneCycleLR(o, LR, STEPS, cycle_momentum=False)),
        "one-cycle-linear": rates(
            lambda o: s.OneCycleLR(
                o,
                LR,
                STEPS,
                pct_start=0.45,
                anneal_strategy="linear",
                div_factor=10,
                final_div_factor=100,
                cycle_momentum=False,
            )
        ),
        "one-cycle-three": rates(
            lambda o: s.OneCycleLR(
                o, LR, STEPS, pct_start=0.35, three_phase=True, cycle_momentum=False
            )
        ),
        "warmup-cosine": sequential(7, 0.1),
        "warmup-step": warmed(10, 0.25, True, lambda o: s.StepLR(o, 2, 0.5)),
        "plateau": plateau(factor=0.5, patience=2),
        "plateau-cooldown": plateau(factor=0.5, patience=1, cooldown=2, min_lr=0.15),
        "plateau-max": plateau(mode="max", factor=0.5, patience=1, threshold=0.05),
    }
    text = [f"# golden_schedules.py with PyTorch {torch.__version__}"]
    text += [f"{name}={' '.join(repr(x) for x in values)}" for name, values in lines.items()]
    pathlib.Path(sys.argv[1], "schedules.properties").write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
