"""Writes layers.properties, the golden values of LayerGoldenTest: outputs of PyTorch in float64.

Usage (PyTorch 2.13, CPU):  python layers.py ../resources/golden

Inputs and parameters are functions of integer hashes (see GoldenData.java, which has the same
formulas). Each case has VALUES values of its output, at equal distances in logical order.
"""

import pathlib
import sys
import zlib

import torch
from golden import MASK, signed_unit
from torch.nn import functional

VALUES = 24


def values(stream, shape):
    count = 1
    for dim in shape:
        count *= dim
    return signed_unit(zlib.crc32(stream.encode()) & MASK, count).reshape(shape)


def norm(x, axes):
    weight = 1 + values("layer.weight", axes) / 4
    bias = values("layer.bias", axes) / 8
    return functional.layer_norm(x, axes, weight, bias)


def norm_over_channels(x):
    return norm(x.permute(0, 2, 3, 1), (x.shape[1],)).permute(0, 3, 1, 2)


def weight(shape, fan_in):
    exponent = 0
    while 6 * 4**exponent < fan_in:
        exponent += 1
    return values("layer.weight", shape) * 2.0**-exponent


def bias(channels):
    return values("layer.bias", (channels,)) / 16


CASES = {
    "grouped conv": (
        (6, 7, 8),
        lambda x: functional.conv2d(x, weight((9, 2, 3, 2), 12), bias(9), (2, 1), 1, 1, 3),
    ),
    "depthwise conv": (
        (20, 7, 8),
        lambda x: functional.conv2d(x, weight((20, 1, 3, 3), 9), bias(20), 2, 1, 1, 20),
    ),
    "conv3d": (
        (3, 5, 6, 7),
        lambda x: functional.conv3d(
            x, weight((4, 3, 2, 3, 3), 54), bias(4), (1, 2, 1), (1, 1, 2), (2, 1, 2)
        ),
    ),
    "transposed conv": (
        (5, 4, 3),
        lambda x: functional.conv_transpose2d(
            x, weight((5, 3, 3, 4), 10), bias(3), (2, 3), (1, 0), (1, 2), 1, (1, 2)
        ),
    ),
    "grouped transposed conv": (
        (6, 4, 3),
        lambda x: functional.conv_transpose2d(x, weight((6, 2, 2, 2), 3), bias(4), 2, 0, 0, 2),
    ),
    "transposed conv3d": (
        (3, 2, 3, 4),
        lambda x: functional.conv_transpose3d(
            x, weight((3, 2, 3, 3, 3), 10), bias(2), 2, 1, (1, 0, 1)
        ),
    ),
    "max pool over volumes": (
        (3, 5, 7, 8),
        lambda x: functional.max_pool3d(x, 3, 2, 1, ceil_mode=True),
    ),
    "average pool over volumes": (
        (3, 5, 7, 8),
        lambda x: functional.avg_pool3d(x, (2, 3, 2), (1, 2, 2), (1, 1, 0), ceil_mode=True),
    ),
    "max pool in ceil mode": (
        (3, 7, 8),
        lambda x: functional.max_pool2d(x, 3, 2, 1, ceil_mode=True),
    ),
    "average pool": ((3, 7, 8), lambda x: functional.avg_pool2d(x, 3, 2, 1)),
    "average pool in ceil mode": (
        (3, 8, 9),
        lambda x: functional.avg_pool2d(x, (3, 2), (2, 3), (1, 0), ceil_mode=True),
    ),
    "adaptive average pool": ((3, 7, 9), lambda x: functional.adaptive_avg_pool2d(x, (3, 5))),
    "growing adaptive pool": ((2, 3, 3), lambda x: functional.adaptive_avg_pool2d(x, (5, 4))),
    "leaky relu": ((40,), lambda x: functional.leaky_relu(x, 0.2)),
    "softplus": ((40,), lambda x: functional.softplus(x, 2, 3)),
    "gelu": ((40,), functional.gelu),
    "gelu, tanh form": ((40,), lambda x: functional.gelu(x, approximate="tanh")),
    "nearest by scale": ((2, 3, 4), lambda x: functional.interpolate(x, scale_factor=(2, 3))),
    "nearest to size": ((2, 3, 4), lambda x: functional.interpolate(x, (5, 7))),
    "bilinear by scale": (
        (2, 3, 4),
        lambda x: functional.interpolate(x, scale_factor=(2, 3), mode="bilinear"),
    ),
    "bilinear to size": (
        (2, 4, 7),
        lambda x: functional.interpolate(x, (5, 3), mode="bilinear"),
    ),
    "layer norm over channels": ((20, 3, 2), norm_over_channels),
    "layer norm over the example": ((3, 4, 5), lambda x: norm(x, (3, 4, 5))),
    "layer norm of a vector": ((40,), lambda x: norm(x, (40,))),
    "local response norm": ((9, 2, 3), lambda x: functional.local_response_norm(x, 5)),
    "local response norm, even window": (
        (20, 2, 3),
        lambda x: functional.local_response_norm(x, 4, alpha=0.5, beta=0.6, k=2.0),
    ),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    lines = [f"# layers.py with PyTorch {torch.__version__}"]
    for name, (shape, layer) in CASES.items():
        x = 4 * values(name, (1, *shape))
        y = layer(x).reshape(-1)
        stride = max(1, y.numel() // VALUES)
        key = name.replace(" ", "_")
        lines.append(f"{key}.size={y.numel()}")
        lines.append(f"{key}.stride={stride}")
        lines.append(f"{key}.values={' '.join(f'{v:.10g}' for v in y[::stride].tolist())}")
    (folder / "layers.properties").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
