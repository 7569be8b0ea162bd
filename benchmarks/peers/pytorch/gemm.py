"""Times the product of two square float32 matrices by torch.mm.

    python gemm.py --size 1024 --threads 2 --seconds 5

Prints one JSON object: ms (median), gflops.
"""

import argparse
import json
import warnings

import torch

from timing import measure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    a = torch.randn(options.size, options.size)
    b = torch.randn(options.size, options.size)
    c = torch.empty(options.size, options.size)
    median, how = measure(lambda: torch.mm(a, b, out=c), options.seconds)
    print(json.dumps({
        "size": options.size,
        "threads": options.threads,
        "torch": torch.__version__,
        "ms": round(median * 1000, 4),
        "gflops": round(2e-9 * options.size ** 3 / median, 2),
        **how,
    }))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
