"""Prints the golden rows of ResizerTest.

Usage (PyTorch 2.13, CPU):  python resize.py
"""

import torch
from torch.nn import functional

for height, width, to_height, to_width in ((4, 5, 8, 7), (9, 11, 4, 3), (13, 6, 5, 9)):
    x = torch.arange(height * width, dtype=torch.float64)
    x = torch.remainder(x * x, 251).reshape(1, 1, height, width)
    size = (to_height, to_width)
    y = functional.interpolate(x, size, mode="bilinear", antialias=True)
    values = " ".join(f"{value:.3f}" for value in y.flatten().tolist())
    print(f'    "{height}, {width}, {to_height}, {to_width}, {values}",')
