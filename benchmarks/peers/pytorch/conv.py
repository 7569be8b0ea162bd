"""Times single convolutions pass by pass: forward, gradient of the input, gradient of the weights.

    python conv.py --threads 2 --seconds 3 [--layout nchw] [--only K1_64_256_AT_56]

The cases are those of ConvolutionCase in the JMH benches. Prints one JSON object a case and pass.
"""

import argparse
import json
import warnings

import torch

from timing import measure

# input channels, output channels, kernel, stride, padding, height and width, batch
CASES = {
    "K3_16_16_AT_32": (16, 16, 3, 1, 1, 32, 128),
    "K3_64_64_AT_56": (64, 64, 3, 1, 1, 56, 32),
    "K3_256_256_AT_14": (256, 256, 3, 1, 1, 14, 32),
    "K1_64_256_AT_56": (64, 256, 1, 1, 0, 56, 32),
    "K7_3_64_AT_224": (3, 64, 7, 2, 3, 224, 16),
    "K3_64_128_AT_56_BY_2": (64, 128, 3, 2, 1, 56, 32),
    "K5_6_16_AT_14": (6, 16, 5, 1, 0, 14, 64),
    "K3_37_53_AT_29": (37, 53, 3, 1, 1, 29, 31),
}


def passes(case, memory_format):
    """The three passes as functions, and the floating-point operations of each."""
    inputs, outputs, kernel, stride, padding, size, batch = case
    x = torch.randn(batch, inputs, size, size).to(memory_format=memory_format)
    w = torch.randn(outputs, inputs, kernel, kernel).to(memory_format=memory_format)
    y = torch.nn.functional.conv2d(x, w, stride=stride, padding=padding)
    dy = torch.randn_like(y).to(memory_format=memory_format)

    def backward(of_input, of_weights):
        return torch.ops.aten.convolution_backward(
            dy, x, w, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], 1,
            [of_input, of_weights, False])

    flop = 2.0 * y.numel() * inputs * kernel * kernel
    return {
        "forward": lambda: torch.nn.functional.conv2d(x, w, stride=stride, padding=padding),
        "backward_input": lambda: backward(True, False),
        "backward_weights": lambda: backward(False, True),
    }, flop


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--layout", choices=("nchw", "channels_last"), default="channels_last")
    parser.add_argument("--only", choices=sorted(CASES), nargs="+", default=list(CASES))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    memory_format = torch.channels_last if options.layout == "channels_last" else torch.contiguous_format
    for name in options.only:
        functions, flop = passes(CASES[name], memory_format)
        for direction, function in functions.items():
            with torch.no_grad():
                median, how = measure(function, options.seconds)
            print(json.dumps({
                "convolution": name,
                "pass": direction,
                "layout": options.layout,
                "threads": options.threads,
                "torch": torch.__version__,
                "ms": round(median * 1000, 4),
                "gflops": round(1e-9 * flop / median, 2),
                **how,
            }), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
